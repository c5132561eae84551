// A client that odata2ts has generated, from a list to new customers and back: prints what it saw.
const { FetchClient } = require('@odata2ts/http-client-fetch');

const [given, folder] = [JSON.parse(process.argv[2]), process.argv[3]];
const { PatronService } = require(`${folder}/PatronService.js`);

const signedIn = password => ({
  headers: { Authorization: `Basic ${Buffer.from(`${given.account_code}:${password}`).toString('base64')}` },
});
const root = `${given.base}/odata/v1`;
const client = new FetchClient(signedIn(given.api_key));
const service = new PatronService(client, root);
const refused = call => call.then(() => null, error => [error.status, error.message]);

async function main() {
  const seen = {};
  const stranger = new PatronService(new FetchClient(signedIn('wrong')), root);
  seen.stranger = await refused(stranger.Customer().query());

  const listed = await service.Customer().query((builder, customer) =>
    builder
      .select('Id', 'Name', 'Email')
      .filter(customer.IsGuest.eq(false), customer.Email.contains('@example.com'))
      .filter(customer.Id.in(115, 116).or(customer.Name.startsWith('A')))
      .orderBy(customer.Name.desc())
      .expand('BillingAddresses', 'Account')
      .count()
      .top(5)
  );
  seen.listed = listed.data;

  seen.skipped = [];
  for (let skip = 0; skip === seen.skipped.length; skip += 15) {
    const page = await service.Customer().query(builder => builder.select('Id').skip(skip).top(15));
    seen.skipped.push(...page.data.value.map(each => each.Id));
  }
  seen.pages = [];
  const few = { headers: { Prefer: 'odata.maxpagesize=15' } };
  let page = (await service.Customer().query(builder => builder.select('Id').count(), few)).data;
  for (;;) {
    seen.pages.push([page['@odata.count'], page.value.map(each => each.Id)]);
    if (!page['@odata.nextLink']) break;
    page = (await client.get(page['@odata.nextLink'], few)).data;
  }
  const nested = await service.Customer(115).query(builder =>
    builder.expanding('BillingAddresses', (below, address) =>
      below.select('Id', 'Address').filter(address.IsDefault.eq(true)).orderBy(address.Id.asc()).top(1)
    )
  );
  seen.nested = nested.data;

  const made = await service.Customer().create({
    Email: 'ida@noddack.example',
    Name: 'Ida Noddack',
    Password: 'rhenium 75',
    BillingAddresses: [{ DisplayLabel: 'Lab', IsDefault: true, Address: { Address1: '1 Periodic Row' } }],
  });
  seen.made = [made.status, made.data];
  const own = service.Customer(made.data.Id);
  seen.twice = await refused(service.Customer().create({ Email: 'ida@noddack.example' }));
  seen.invalid = await refused(service.Customer().create({ Email: 'no address' }));
  seen.patched = (await own.patch({ CustomerId: 'DE 75' })).data;
  const { Id, ...whole } = seen.patched;
  seen.put = (await own.update({ ...whole, Name: 'Ida Eva Noddack', CustomerId: null })).data;

  const address = { DisplayLabel: 'Home', Address: { Address1: '2 Periodic Row', City: 'Freiburg' } };
  const home = (await own.ShippingAddresses().create(address)).data;
  seen.home = home;
  seen.moved = (await own.ShippingAddresses(home.Id).patch({ Address: { City: 'Berlin' } })).data;
  const inBerlin = (builder, each) => builder.filter(each.Address.props.City.eq('Berlin'));
  seen.shipping = (await own.ShippingAddresses().query(inBerlin)).data;
  seen.account = (await own.Account().query()).data;
  seen.home_deleted = (await own.ShippingAddresses(home.Id).delete()).status;
  seen.deleted = (await own.delete()).status;
  seen.gone = await refused(own.query());
  console.log(JSON.stringify(seen));
}

main();
