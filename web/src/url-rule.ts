// Which requests are the API's.

/** Whether a request goes to the API. */
export const isOurs = ({ protocol, hostname, href }: URL, apiHost: string, domain: string | undefined): boolean =>
  /^https?:$/.test(protocol) &&
  !/[?#].*superTokensDoNotDoInterception/.test(href) &&
  (hostname === apiHost || (!!domain && `.${hostname}`.endsWith(`.${domain}`)));

/** Whether a token may be written there: never in plain text where the API itself is encrypted. */
export const mayCarryTokens = (url: URL, api: URL): boolean => url.protocol === "https:" || api.protocol === "http:";
