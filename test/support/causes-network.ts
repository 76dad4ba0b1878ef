import { type Cause, kinds, type Lab, type World } from "./cause.ts";

const { unavailable } = kinds;

/** Nothing that is Azure is reached. `grumpyAt`: the URL of a proxy that refuses as its user name says. */
export function networkCauses({ ready, control }: Lab, grumpyAt: (user: string) => string): Record<string, Cause> {
  const throughProxy = (url: string | undefined): World => ({
    cloud: { name: "AzureCloud" },
    env: { HTTPS_PROXY: url ?? "", NODE_EXTRA_CA_CERTS: ready.ca_file },
  });
  return {
    "a name that DNS does not know": {
      step: "dns",
      ...unavailable,
      cloud: { "key-vault-suffix": "vault.invalid" },
      // Without a network nobody answers at all.
      sentence:
        /^(The vault demo does not exist: the name demo\.vault\.invalid cannot be resolved|The name server did not answer when asked for demo\.vault\.invalid)\.$/u,
      hint: /private endpoint|name servers/u,
    },
    "a refused connection": {
      step: "tcp",
      ...unavailable,
      cloud: { "key-vault-suffix": "vault.localhost:1" },
      sentence: /^demo\.vault\.localhost:1 refused the connection\.$/u,
      hint: /something listens there/u,
    },
    "a login host that refuses": {
      step: "entra",
      ...unavailable,
      argv: ["target", "test"],
      cloud: { "authority-host": "https://127.0.0.1:1" },
      sentence: /^127\.0\.0\.1:1 refused the connection\.$/u,
      hint: /something listens there/u,
    },
    "an untrusted certificate": {
      step: "tls",
      ...unavailable,
      cloud: { "ca-file": "" },
      sentence: /^The TLS certificate of \S+ is not trusted\.$/u,
      hint: /--ca-file.*NODE_EXTRA_CA_CERTS/u,
    },
    "a proxy that refuses the connection": {
      step: "tcp",
      ...unavailable,
      ...throughProxy("http://u:proxy-passw0rd@127.0.0.1:1"),
      sentence: /^The proxy 127\.0\.0\.1:1 on the way to demo\.vault\.azure\.net refused the connection\.$/u,
      hint: /HTTPS_PROXY.*NO_PROXY/u,
    },
    "a proxy that DNS does not know": {
      step: "dns",
      ...unavailable,
      ...throughProxy("http://u:proxy-passw0rd@proxy.invalid:3128"),
      sentence: /^The name of the proxy proxy\.invalid:3128 on the way to \S+ cannot be resolved\.$/u,
      hint: /HTTPS_PROXY/u,
    },
    "a proxy that wants a login": {
      step: "proxy",
      ...unavailable,
      ...throughProxy(grumpyAt("407")),
      sentence: /asks for a user and password \(HTTP 407\)/u,
      hint: /http:\/\/USER:PASSWORD@HOST:PORT/u,
    },
    "a proxy that opens no tunnel": {
      step: "proxy",
      ...unavailable,
      ...throughProxy(grumpyAt("403")),
      sentence: /opened no tunnel to demo\.vault\.azure\.net:?\d* ?\(HTTP 403\)/u,
      hint: /HTTPS_PROXY/u,
    },
    "a proxy that hangs up": {
      step: "proxy",
      ...unavailable,
      ...throughProxy(grumpyAt("silent")),
      sentence: /opened no tunnel/u,
      hint: /HTTPS_PROXY/u,
    },
    "a proxy that is none": {
      ...unavailable,
      code: "usage",
      exit: 2,
      calls: 0,
      ...throughProxy("socks5://u:proxy-passw0rd@127.0.0.1:1"),
      sentence: /^HTTPS_PROXY is not the URL of an http or https proxy\.$/u,
      hint: /http:\/\/HOST:PORT/u,
    },
    "a vault that does not exist, asked for through a proxy": {
      step: "proxy",
      ...unavailable,
      ...throughProxy(ready.proxy_url),
      vault: "nobodys-vault",
      sentence: /opened no tunnel to nobodys-vault\.vault\.azure\.net \(HTTP 503\)/u,
      hint: /vault's name/u,
    },
    "a vault that does not answer": {
      ...unavailable,
      argv: ["get", "--timeout", "1"],
      arrange: () => control("/faults", "POST", { path: "/secrets/*", hold: "before", times: 9 }),
      sentence: /^demo\.vault\.localhost:\d+ did not answer in time\.$/u,
      hint: /--timeout/u,
    },
  };
}
