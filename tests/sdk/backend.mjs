// Foxy's SDK for back ends, unmodified, from a refresh token to customers and back: prints what it saw.
import { Backend } from '@foxy.io/sdk';

const given = JSON.parse(process.argv[2]);
const seen = {};
const api = new Backend.API({
  base: new URL(`${given.base}/`),
  clientId: given.client_id,
  clientSecret: given.client_secret,
  refreshToken: given.refresh_token,
});
const json = async answer => (await answer).json();

seen.token = await Backend.API.getToken({ ...credentials(), base: api.base }, true);
seen.wrong_secret = await Backend.API.getToken({ ...credentials(), clientSecret: 'wrong', base: api.base });
seen.why = await Backend.API.getToken({ ...credentials(), refreshToken: 'x', base: api.base }, true).catch(
  error => JSON.parse(error.message)
);

seen.store = await json(api.follow('fx:store').get());
const customers = api.follow('fx:store').follow('fx:customers');
seen.page = await json(
  customers.get({
    filters: ['is_anonymous=false', 'last_name:in=User,Okafor'],
    order: [{ last_name: 'desc' }, 'first_name'],
    zoom: ['default_payment_method', { customer_addresses: [] }, 'default_billing_address'],
    limit: 5,
    offset: 0,
  })
);
seen.short = await json(customers.get({ fields: ['id', 'email'], limit: 2 }));

const body = { first_name: 'Ida', last_name: 'Noddack', email: 'ida@noddack.example', password: 'rhenium 75' };
seen.created = await json(customers.post(body));
const self = seen.created._links.self.href;
seen.twice = await json(customers.post(body));
seen.invalid = await json(customers.post({ email: 'no address' }));

const found = await customers.get({ filters: ['email=ida@noddack.example'] });
const [one] = (await found.json())._embedded['fx:customers'];
seen.patched = await json(one._links.self.patch({ tax_id: 'DE 75' }));
seen.put = await json(one._links.self.put({ ...one, first_name: 'Ida Eva' }));
seen.attribute = await json(one._links['fx:attributes'].post({ name: 'element', value: 'Re' }));
const attributes = await one._links['fx:attributes'].get();
seen.attributes = await attributes.json();
seen.address = await json(
  one._links['fx:customer_addresses'].post({ address_name: 'Lab', address1: '1 Periodic Row' })
);
seen.billing = await json(one._links['fx:default_billing_address'].get());
seen.card = await json(
  one._links['fx:default_payment_method'].patch({
    cc_number: '4111111111111111',
    cc_exp_month: '11',
    cc_exp_year: String(new Date().getFullYear() + 2),
  })
);
seen.cleared = await json(one._links['fx:default_payment_method'].patch({ save_cc: false }));

const stale = { access_token: 'stale', expires_in: 7200, date_created: new Date().toISOString() };
api.storage.setItem(Backend.API.ACCESS_TOKEN, JSON.stringify(stale));
seen.after_stale = await json(api.follow('fx:store').get());
seen.renewed = JSON.parse(api.storage.getItem(Backend.API.ACCESS_TOKEN)).access_token !== 'stale';

seen.deleted = await json(one._links.self.delete());
const gone = await api.fetch(self);
seen.gone = gone.status;

console.log(JSON.stringify(seen));

function credentials() {
  return {
    clientId: given.client_id,
    clientSecret: given.client_secret,
    refreshToken: given.refresh_token,
  };
}
