// The yardstick of `usc list`: follow nextLink on one connection, keep two fields, print once.
const https = require("node:https");
const agent = new https.Agent({ keepAlive: true });
const names = [];
const page = (url) =>
  https.get(url, { agent, headers: { authorization: `Bearer ${process.env.TOKEN}` } }, (response) => {
    let body = "";
    response.on("data", (chunk) => (body += chunk));
    response.on("end", () => {
      const { value, nextLink } = JSON.parse(body);
      for (const item of value) names.push({ id: item.id, enabled: item.attributes.enabled });
      if (nextLink) return page(nextLink);
      console.log(JSON.stringify(names));
      process.exit();
    });
  });
page(process.env.URL);
