import { gunzipSync } from "node:zlib";

/** The page at `/docs`: Swagger UI over /openapi.json. All of it comes from here, and none of it stands in the page itself. */
const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>usc over HTTP</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="docs/swagger-ui.css">
  </head>
  <body>
    <div id="docs"></div>
    <script src="docs/swagger-ui-bundle.js"></script>
    <script src="docs/start.js"></script>
  </body>
</html>
`;

// `validatorUrl`: the page would ask a server of Swagger's for a badge.
const start = `SwaggerUIBundle({ url: "openapi.json", dom_id: "#docs", docExpansion: "list", validatorUrl: null });\n`;

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

interface Page {
  type: string;
  bytes: Uint8Array;
  encoding?: "gzip";
}

/** `asset` gives a file that the build has put beside the program. */
export const pagesOf = (asset: (file: string) => Uint8Array): Record<string, () => Page> => ({
  "/docs": () => ({ type: "text/html; charset=utf-8", bytes: Buffer.from(page) }),
  "/docs/start.js": () => ({ type: "text/javascript; charset=utf-8", bytes: Buffer.from(start) }),
  "/docs/swagger-ui-bundle.js": () => ({
    type: "text/javascript; charset=utf-8",
    bytes: asset("swagger-ui-bundle.js.gz"),
    encoding: "gzip",
  }),
  "/docs/swagger-ui.css": () => ({ type: "text/css; charset=utf-8", bytes: asset("swagger-ui.css.gz"), encoding: "gzip" }),
});

export function pageAnswer({ type, bytes, encoding }: Page, accepted: string, headers: Record<string, string>): Response {
  const isPacked = encoding !== undefined && /\b(?:gzip|\*)/u.test(accepted);
  const body = encoding === undefined || isPacked ? bytes : gunzipSync(bytes);
  return new Response(new Uint8Array(body), {
    headers: {
      ...headers,
      "content-type": type,
      "content-security-policy": policy,
      "content-length": String(body.length),
      ...(encoding === undefined ? {} : { vary: "accept-encoding" }),
      ...(isPacked ? { "content-encoding": "gzip" } : {}),
    },
  });
}
