// @odata/client, unmodified, with single requests and with batches in both formats: prints what it saw.
const { OData } = require('@odata/client');

const given = JSON.parse(process.argv[2]);
const client = OData.New4({
  serviceEndpoint: `${given.base}/odata/v1/`,
  credential: { username: given.account_code, password: given.api_key },
});
const customers = client.getEntitySet('Customer');
const refused = call => call.then(() => null, error => error.message);
const shown = async answers => Promise.all(answers.map(async each => [each.status, await each.text()]));

async function main() {
  const seen = {};
  const filter = client.newFilter().property('Name').in(['Ada Okafor', 'Test User']).property('IsGuest').eq(false);
  const options = client.newOptions().filter(filter).select(['Id', 'Name']).orderby('Id').top(2).count(true);
  seen.listed = await customers.query(options);
  seen.counted = await customers.count(filter);
  seen.one = await customers.retrieve(116, client.newOptions().expand('ShippingAddresses'));

  seen.made = await customers.create({ Email: 'lise@meitner.example', Name: 'Lise Meitner' });
  const { Id } = seen.made;
  seen.invalid = await refused(customers.create({ Email: 'lise@meitner.example' }));
  await customers.update(Id, { CustomerId: 'Pa 91' });
  seen.updated = await customers.retrieve(Id);

  const read = client.newBatchRequest({ collection: 'Customer', id: Id });
  const list = client.newBatchRequest({ collection: 'Customer', params: client.newOptions().top(1) });
  const rename = body => client.newBatchRequest({ collection: 'Customer', id: Id, method: 'PATCH', entity: body });
  const entity = { Email: 'otto@hahn.example', Name: 'Otto Hahn' };
  const make = client.newBatchRequest({ collection: 'Customer', method: 'POST', entity });
  seen.multipart = await shown(await client.execBatchRequests([read, make, rename({ Name: 'L. Meitner' }), list]));

  const grouped = (requestId, body) =>
    client.newBatchRequest({ collection: 'Customer', method: 'POST', entity: body, requestId, atomicityGroup: 'g' });
  seen.json = await shown(
    await client.execBatchRequestsJson([
      grouped('1', { Email: 'fritz@strassmann.example' }),
      grouped('2', { Email: 'OTTO@hahn.example' }),
      client.newBatchRequest({ collection: 'Customer', id: Id, requestId: '3', method: 'GET' }),
    ])
  );
  seen.strassmann = await customers.count(client.newFilter().property('Email').eq('fritz@strassmann.example'));

  await customers.delete(Id);
  seen.gone = await refused(customers.retrieve(Id));
  console.log(JSON.stringify(seen));
}

main();
