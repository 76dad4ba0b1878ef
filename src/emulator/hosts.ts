export type Place = { is: "entra" } | { is: "arm" } | { is: "graph" } | { is: "identity" } | { is: "vault"; vault: string };

/** How the client named the place it asked. */
export interface Origin {
  place: Place;
  /** Head of object ids: without a port for Azure's real names. */
  base: string;
  /** Head of nextLink: always with a port. */
  linkBase: string;
  /** Whether the client used Azure's own names, so that answers must as well. */
  real: boolean;
}

const realPlaces: Readonly<Record<string, Place>> = {
  "login.microsoftonline.com": { is: "entra" },
  "management.azure.com": { is: "arm" },
  "graph.microsoft.com": { is: "graph" },
};

const localPlaces: Readonly<Record<string, Place>> = {
  "login.localhost": { is: "entra" },
  "management.localhost": { is: "arm" },
  "graph.localhost": { is: "graph" },
};

const loopbackNames = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** A Host that is none of ours has no origin: a page that rebinds its own name to loopback gets nothing. */
export function findOrigin(host: string | undefined, listener: { place: Place; port: number }): Origin | undefined {
  const match = /^(\[[0-9a-f:]+\]|[0-9a-z.-]+)(?::([0-9]{1,5}))?$/.exec((host ?? "").toLowerCase());
  const name = match?.[1];
  if (name === undefined) return undefined;
  const port = match?.[2];

  // Plain HTTP, so nobody else's names: whoever asks for a token here is on this machine.
  if (listener.place.is === "identity") {
    const base = `http://${name}:${port ?? listener.port}`;
    return loopbackNames.has(name) ? { place: listener.place, base, linkBase: base, real: false } : undefined;
  }

  const realPlace = realPlaceOf(name);
  if (realPlace !== undefined) {
    if (port !== undefined && port !== "443") return undefined;
    return { place: realPlace, base: `https://${name}`, linkBase: `https://${name}:443`, real: true };
  }

  const place = loopbackNames.has(name)
    ? listener.place
    : Object.hasOwn(localPlaces, name)
      ? localPlaces[name]
      : vaultBefore(name, ".vault.localhost");
  if (place === undefined) return undefined;
  const base = `https://${name}:${port ?? listener.port}`;
  return { place, base, linkBase: base, real: false };
}

/** What Azure has at a name: its services, and a vault at each label before the vaults' suffix. */
export function realPlaceOf(name: string): Place | undefined {
  return Object.hasOwn(realPlaces, name) ? realPlaces[name] : vaultBefore(name, ".vault.azure.net");
}

function vaultBefore(name: string, suffix: string): Place | undefined {
  if (!name.endsWith(suffix)) return undefined;
  const vault = name.slice(0, -suffix.length);
  return isVaultName(vault) ? { is: "vault", vault } : undefined;
}

export function isVaultName(name: string): boolean {
  return /^[a-z](?:[0-9a-z-]{1,22})[0-9a-z]$/.test(name);
}
