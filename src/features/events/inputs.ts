import * as z from "zod/mini";
import { UscError } from "../../kernel/errors.ts";
import { choice, count, flag, list, optionalText, text } from "../../kernel/fields.ts";
import { pathPattern } from "../../kernel/paths.ts";
import { type EventForwarder, type EventType, eventTypes } from "./model.ts";

export const nameField = () => text("Path of the event forwarder", { short: "n" });
export const NameOnly = () => z.object({ name: nameField() });

const locations = (of: string) => list(`${of}: a path, or /prod/* for all below; may be repeated, or separated by commas`);

/** Which events, and when. */
export const routingFields = () => ({
  "event-types": list(`Which events (default: all): ${eventTypes.join(", ")}; may be repeated, or separated by commas`, {
    aliases: ["event-type"],
  }),
  "items-event-source-locations": locations("Items whose events are told"),
  "targets-event-source-locations": locations("Targets whose events are told"),
  "gateways-event-source-locations": list("Taken and kept, since clients send it: every gateway tells of every event"),
});

export const periodFields = () => ({
  "runner-type": choice("immediate (default): each event at once; periodic: those of a period together", ["immediate", "periodic"]),
  every: count("Hours of a period (default: 1)", [1, 24]),
});

/** Where to, and with which proof. */
export const destinationFields = () => ({
  "auth-type": optionalText("none, user-pass, bearer-token (also written token) or certificate (default: by what is given)", {
    placeholder: "TYPE",
  }),
  username: optionalText("User name, for user-pass"),
  password: optionalText("Password, for user-pass", { secret: true, askedWith: { "auth-type": "user-pass" } }),
  "auth-token": optionalText("Token in base64, for bearer-token", { secret: true }),
  "client-cert-data": optionalText("Client certificate, PEM or base64 of it, for certificate", { fromFile: "client-cert-file" }),
  "private-key-data": optionalText("Private key of the client certificate, PEM or base64 of it", { secret: true }),
  "server-certificates": optionalText("CA to trust beside the usual ones, PEM or base64 of it", { fromFile: "server-certificates-file" }),
  "signing-secret": optionalText("Secret that bodies are signed with: whsec_ and base64 (default: one is made, and shown once)", {
    secret: true,
  }),
  "allow-private": flag("Let the receiver have a private or loopback address; http is for loopback alone", { local: true }),
});

interface Routing {
  "event-types"?: readonly string[] | undefined;
  "items-event-source-locations"?: readonly string[] | undefined;
  "targets-event-source-locations"?: readonly string[] | undefined;
  "gateways-event-source-locations"?: readonly string[] | undefined;
}

/** What was given, over what stood there. */
export const routingFrom = (given: Routing, before: Pick<EventForwarder, "types" | "items" | "targets" | "gateways">) => ({
  types: given["event-types"] === undefined ? before.types : typesOf(given["event-types"]),
  items: locationsOf(given["items-event-source-locations"], "items") ?? before.items,
  targets: locationsOf(given["targets-event-source-locations"], "targets") ?? before.targets,
  gateways: [...(given["gateways-event-source-locations"] ?? before.gateways)],
});

const wordsOf = (given: readonly string[]): string[] => [...new Set(given.flatMap((each) => each.split(",")).map((each) => each.trim()))];

function typesOf(given: readonly string[]): EventType[] {
  const words = wordsOf(given);
  const found = eventTypes.filter((type) => words.includes(type));
  if (found.length === words.length) return found;
  throw new UscError("unsupported", "One of the event types is none that usc knows.", { hint: `It knows ${eventTypes.join(", ")}.` });
}

const locationsOf = (given: readonly string[] | undefined, of: "items" | "targets"): string[] | undefined =>
  given && wordsOf(given).map((word) => pathPattern(word, "event source", `${of}-event-source-locations`));
