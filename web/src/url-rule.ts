// Which requests are the API's.
import { SessionError } from "./types.js";

/** A domain without the dot before it. @throws if it is a whole top-level domain. */
export const domainOf = (text: string): string => {
  const domain = text.replace(/^\./, "");
  if (!/\.|^localhost$/.test(domain)) throw new SessionError("config", `too wide: ${domain}`);
  return domain;
};

/** Whether a request goes to the API. */
export const isOurs = ({ protocol, hostname, href }: URL, apiHost: string, domain: string | undefined): boolean =>
  /^https?:$/.test(protocol) &&
  !/[?#].*superTokensDoNotDoInterception/.test(href) &&
  (hostname === apiHost || (!!domain && `.${hostname}`.endsWith(`.${domain}`)));

/** Whether a token may be written there: never in plain text where the API itself is encrypted. */
export const mayCarryTokens = ({ protocol, hostname }: URL, api: URL): boolean =>
  protocol === "https:" || api.protocol === "http:" || /(^|\.)localhost$|^127\./.test(hostname);
