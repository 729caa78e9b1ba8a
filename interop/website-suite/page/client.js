// An app's own script: it starts the client from npm, as the page's address says, and puts it in between of every way to
// call a server.
import axios from "axios";
import SuperTokens from "supertokens-website";

window.events = [];
SuperTokens.init({
  apiDomain: location.origin,
  ...JSON.parse(decodeURIComponent(location.hash.slice(1))),
  onHandleEvent: ({ userContext: _, ...event }) => window.events.push(event),
});
SuperTokens.addAxiosInterceptors(axios);

/** The same call by each of the three; the status and the text of the answer. */
window.callers = {
  async fetch(method, url, { body, headers } = {}) {
    const answer = await fetch(url, { method, headers, body });
    return { status: answer.status, text: await answer.text() };
  },
  xhr(method, url, { body, headers = {} } = {}) {
    return new Promise((done, failed) => {
      const request = new XMLHttpRequest();
      request.open(method, url);
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.onload = () => done({ status: request.status, text: request.responseText });
      request.onerror = () => failed(new Error(`${url} cannot be reached`));
      request.send(body);
    });
  },
  async axios(method, url, { body, headers } = {}) {
    const answer = await axios({ method, url, headers, data: body, validateStatus: null, responseType: "text", transformResponse: [] });
    return { status: answer.status, text: answer.data };
  },
};
window.client = SuperTokens;
