// Which requests are the API's.

/** Whether a request goes to the API; `domain`: or to a host of it or below it. Addresses without a host never do. */
export const isOurs = ({ hostname }: URL, apiHost: string, domain: string | undefined): boolean =>
  hostname === apiHost || (!!domain && `.${hostname}`.endsWith(`.${domain}`));
