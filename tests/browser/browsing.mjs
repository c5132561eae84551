// Curveball's browser of HAL and HAL-FORMS, unmodified, before a Patron: it shows people what that answers.

import { Application } from "@curveball/core";
import browser from "@curveball/browser";
import { request } from "node:http";

const [port, token] = process.argv.slice(2);
const ACCEPT = "application/prs.hal-forms+json, application/hal+json;q=0.9";

/** Passes a request on, as a proxy does that keeps the Host, so that links lead back here. */
function passedOn(context, body) {
  const headers = { Host: context.request.headers.get("Host"), Authorization: `Bearer ${token}`, Accept: ACCEPT };
  const type = context.request.headers.get("Content-Type");
  if (type && body.length) Object.assign(headers, { "Content-Type": type, "Content-Length": body.length });
  const { method, requestTarget: path } = context.request;
  return new Promise((resolve, reject) => {
    const asking = request({ host: "127.0.0.1", port, method, path, headers }, async (answer) => {
      const chunks = [];
      for await (const chunk of answer) chunks.push(chunk);
      resolve({ answer, body: Buffer.concat(chunks) });
    });
    asking.on("error", reject);
    asking.end(body);
  });
}

const app = new Application();
app.use(browser({ title: "Patron, seen by another" }));
app.use(async (context) => {
  const { answer, body } = await passedOn(context, await context.request.rawBody());
  context.response.status = answer.statusCode;
  for (const name of ["content-type", "link", "location", "etag", "allow"])
    if (answer.headers[name]) context.response.headers.set(name, answer.headers[name]);
  context.response.body = body;
});
const server = app.listen(0, "127.0.0.1");
server.on("listening", () => console.log(server.address().port));
