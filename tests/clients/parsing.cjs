// siren-parser and halfred, unmodified, on every document that links lead to from /: prints what they found.
const halfred = require('halfred');
const sirenParser = require('siren-parser').default;

const given = JSON.parse(process.argv[2]);
const mediaType = process.argv[3];
halfred.enableValidation();

function inHal(document) {
  const resource = halfred.parse(document);
  const links = Object.entries(resource.allLinks()).filter(([name]) => name !== 'curies').flatMap(([, each]) => each);
  const embedded = Object.values(resource.allEmbeddedResourceArrays() || {}).flat();
  const inner = embedded.flatMap(each => Object.values(each.allLinks()).flat());
  const targets = Object.values(document._templates || {}).map(each => each.target);
  const hrefs = [...links, ...inner].filter(each => !each.templated).map(each => each.href);
  return { hrefs: [...hrefs, ...targets], faults: resource.validationIssues() };
}

function inSiren(document) {
  const entity = sirenParser(document);
  const entities = entity.entities || [];
  const links = [entity, ...entities].flatMap(each => each.links || []);
  return { hrefs: [...links, ...(entity.actions || [])].map(each => each.href), faults: [] };
}

async function main() {
  const read = mediaType.includes('siren') ? inSiren : inHal;
  const waiting = [`${given.base}/`];
  const known = new Set(waiting);
  const faults = [];
  let documents = 0;
  while (waiting.length) {
    const href = waiting.shift();
    const headers = { Accept: mediaType, Authorization: `Bearer ${given.token}` };
    const response = await fetch(href, { headers });
    if (response.status === 405) continue;
    if (response.headers.get('Content-Type') !== mediaType || response.status !== 200) {
      faults.push([href, response.status, response.headers.get('Content-Type')]);
      continue;
    }
    documents += 1;
    let found = { hrefs: [], faults: [] };
    try {
      found = read(await response.json());
    } catch (error) {
      faults.push([href, error.message]);
    }
    faults.push(...found.faults.map(each => [href, each]));
    for (const each of found.hrefs) {
      if (!known.has(each) && !each.includes('/odata/')) {
        known.add(each);
        waiting.push(each);
      }
    }
  }
  console.log(JSON.stringify({ documents, faults }));
}

main().catch(error => { console.error(error); process.exit(1); });
