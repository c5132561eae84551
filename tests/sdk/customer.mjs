// Foxy's SDK for customer portals, unmodified, from sign-in to a new password: prints what it saw.
import { Customer } from '@foxy.io/sdk';

const given = JSON.parse(process.argv[2]);
const seen = {};
const base = new URL(given.portal_base);
const json = async answer => (await answer).json();
const code = async work => work.then(() => 'OK').catch(error => error.code ?? String(error));

const api = new Customer.API({ base });
const email = given.customer_email;
seen.wrong = await code(api.signIn({ email, password: 'wrong' }));
seen.unknown = await code(api.signIn({ email: 'nobody@nowhere.example', password: 'wrong' }));
seen.right = await code(api.signIn({ email, password: given.customer_password }));
seen.temporary = api.usesTemporaryPassword;
seen.session = JSON.parse(api.storage.getItem(Customer.API.SESSION));

seen.customer = await json(
  api.get({
    zoom: ['default_billing_address', 'default_shipping_address', 'default_payment_method'],
  })
);
seen.settings = await (await api.fetch(new URL('./customer_portal_settings', base).toString())).json();
seen.patched = await json(api.patch({ first_name: 'Renamed' }));
const old = given.customer_password;
seen.wrong_old = await json(api.patch({ password: 'another pass', password_old: 'wrong' }));
seen.new_password = await json(api.patch({ password: 'another pass', password_old: old }));
seen.still_in = (await json(api.get())).email;

const addresses = api.follow('fx:customer_addresses');
seen.address = await json(addresses.post({ address_name: 'Cabin', address1: '1 Wood Lane' }));
seen.addresses = await json(addresses.get());
seen.attributes = await json(api.follow('fx:attributes').get());
seen.transactions = await json(api.follow('fx:transactions').get());
seen.subscriptions = await json(api.follow('fx:subscriptions').get());
seen.card = await json(api.follow('fx:default_payment_method').get());

seen.out = await code(api.signOut());
seen.nothing_left = api.storage.getItem(Customer.API.SESSION);
seen.signed_out = (await api.fetch(base.toString())).status;

const other = new Customer.API({ base });
seen.old_password = await code(other.signIn({ email, password: old }));
seen.again = await code(other.signIn({ email, password: 'another pass' }));
seen.reset = await code(other.sendPasswordResetEmail({ email }));
seen.reset_unknown = await code(other.sendPasswordResetEmail({ email: 'nobody@nowhere.example' }));

const verification = { type: 'hcaptcha', token: 'passes' };
const guest = { email: 'new@customer.example', password: 'a new password', first_name: 'New', verification };
seen.sign_up = await code(other.signUp(guest));
seen.taken = await code(other.signUp(guest));
const fresh = new Customer.API({ base });
seen.signed_up = await code(fresh.signIn(guest));
seen.own_email = (await json(fresh.get())).email;

console.log(JSON.stringify(seen));
