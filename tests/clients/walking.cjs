// Ketting, unmodified, from / by links alone, in the format that is named: prints what it saw.
const { Client, bearerAuth } = require('ketting');

const given = JSON.parse(process.argv[2]);
const mediaType = process.argv[3];
const siren = mediaType.includes('siren');
const rel = name => (siren ? `${given.base}/rels/${name}` : `fx:${name}`);
const warnings = [];
console.warn = (...said) => warnings.push(said.join(' '));

const client = new Client(`${given.base}/`);
client.contentTypeMap = { [mediaType]: client.contentTypeMap[mediaType] };
client.use(bearerAuth(given.token));

const types = new Set();
client.use(async (request, next) => {
  const response = await next(request);
  types.add(response.headers.get('Content-Type'));
  return response;
});
const failed = call => call.then(() => null, error => error.status);
const get = async resource => (await resource).get();
const members = async (page, name) => Promise.all((await page.followAll(rel(name))).map(each => each.get()));
const fields = action => action.fields.map(each => each.name);

async function pages(first, name) {
  const found = [];
  for (let page = first; page; ) {
    found.push((await members(page, name)).map(each => each.data.id));
    page = page.links.has('next') ? await get(page.follow('next')) : null;
  }
  return found;
}

async function main() {
  const one = siren ? 'customer' : 'customers';  // Siren names each of many by what it is
  const attributes = siren ? 'attribute' : 'attributes';
  const seen = {};
  const store = await get(client.follow(rel('store')));
  seen.store = store.data.store_name;
  const customers = await get(store.follow(rel('customers')));
  seen.total = customers.data.total_items;
  seen.pages = await pages(customers, one);

  if (mediaType.includes('forms') || siren) {
    const search = customers.action('page');
    seen.searched = fields(search);
    const page = await search.submit({ last_name: 'Okafor', limit: 5, zoom: 'default_billing_address' });
    const [found] = await members(page, one);
    seen.found = found.data.email;
    const address = await get(found.follow(rel('default_billing_address')));
    seen.zoomed = address.data.city;
  }

  const [customer] = await members(customers, one);
  seen.first = customer.data.id;
  const listed = await get(customer.follow(rel('attributes')));
  seen.attributes = (await members(listed, attributes)).map(each => each.data.name);
  seen.billing = (await get(customer.follow(rel('default_billing_address')))).data.address_name;

  if (mediaType.includes('forms') || siren) {
    const create = customers.action('create');
    seen.required = create.fields.filter(each => each.required).map(each => each.name);
    const made = await create.submit({ email: `walker+${siren}@example.com`, first_name: 'Ada', is_anonymous: false });
    seen.made = made.data.message;
    const self = await made.follow('self');
    const read = await self.get();
    const edited = await read.action('update').submit({ last_name: 'Walker' });
    seen.edited = [edited.data.first_name, edited.data.last_name];
    seen.invalid = await failed(read.action('update').submit({ email: 'no address' }));
    seen.stillThere = (await self.refresh()).data.last_name;
    seen.deleted = (await read.action('delete').submit({})).data.message;
    seen.gone = await failed(self.refresh());
  }
  console.log(JSON.stringify({ ...seen, types: [...types], warnings }));
}

main().catch(error => { console.error(error); process.exit(1); });
