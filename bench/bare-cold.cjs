// The yardstick of a cold `usc get`: a token call, then the request.
const https = require("node:https");
const form = new URLSearchParams({
  grant_type: "client_credentials",
  client_id: process.env.CLIENT,
  client_secret: process.env.SECRET,
  scope: "https://vault.azure.net/.default",
});
const read = (response, then) => {
  let body = "";
  response.on("data", (chunk) => (body += chunk));
  response.on("end", () => then(JSON.parse(body)));
};
const login = https.request(
  process.env.LOGIN,
  { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" } },
  (response) =>
    read(response, ({ access_token }) =>
      https.get(process.env.URL, { headers: { authorization: `Bearer ${access_token}` } }, (answer) =>
        read(answer, ({ value }) => console.log(value)),
      ),
    ),
);
login.end(form.toString());
