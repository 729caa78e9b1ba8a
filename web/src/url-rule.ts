// Which requests are the API's.

/** Whether a request goes to the API. */
export const isOurs = ({ protocol, hostname, href }: URL, apiHost: string, domain: string | undefined): boolean =>
  /^https?:$/.test(protocol) &&
  !/[?#].*superTokensDoNotDoInterception/.test(href) &&
  (hostname === apiHost || (!!domain && `.${hostname}`.endsWith(`.${domain}`)));
