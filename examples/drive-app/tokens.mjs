// Access tokens that are not the API's.
import { generateKeyPairSync, sign } from "node:crypto";

const parts = (token) => token.split(".");
const read = (part) => JSON.parse(Buffer.from(part, "base64url"));
const write = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** The same token with other claims, and the signature of the first. */
export function tampered(token, claims) {
  const [head, body, signature] = parts(token);
  return [head, write({ ...read(body), ...claims }), signature].join(".");
}

/** A token of another issuer: signed, by a key that this API does not have. */
export function foreign(token, claims) {
  const [head, body] = parts(token);
  const signed = `${write({ ...read(head), alg: "RS256", kid: "of-another-issuer" })}.${write({ ...read(body), ...claims })}`;
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return `${signed}.${sign("sha256", Buffer.from(signed), privateKey).toString("base64url")}`;
}
