// What an app's own script would be: it starts the client from npm and otherwise uses plain `fetch`.
import SuperTokens from "supertokens-website";

const asked = (name) => new URLSearchParams(location.search).get(name) ?? undefined;

window.events = [];
SuperTokens.init({
  apiDomain: asked("api") ?? location.origin,
  apiBasePath: asked("base"),
  tokenTransferMethod: asked("mode"),
  sessionTokenFrontendDomain: asked("pages"),
  onHandleEvent: (event) => window.events.push(event.action),
});
window.client = SuperTokens;
