// What an app with `supertokens-auth-react` would be: a page for everybody, and a part of it for those who are signed in.
import { createRoot } from "react-dom/client";
import SuperTokens, { SuperTokensWrapper } from "supertokens-auth-react";
import Session, { SessionAuth, useSessionContext } from "supertokens-auth-react/recipe/session";

window.events = [];
SuperTokens.init({
  appInfo: { appName: "interop", apiDomain: location.origin, websiteDomain: location.origin },
  recipeList: [
    Session.init({
      tokenTransferMethod: new URLSearchParams(location.search).get("mode"),
      onHandleEvent: (event) => window.events.push(event.action),
    }),
  ],
});

function Everybody() {
  const session = useSessionContext();
  return <p id="who">{session.loading ? "…" : session.doesSessionExist ? session.userId : "nobody"}</p>;
}

function Members() {
  const { accessTokenPayload } = useSessionContext();
  return <p id="greeting">{accessTokenPayload.greeting}</p>;
}

createRoot(document.getElementById("root")).render(
  <SuperTokensWrapper>
    <Everybody />
    <SessionAuth doRedirection={false} onSessionExpired={() => window.events.push("onSessionExpired")}>
      <Members />
    </SessionAuth>
  </SuperTokensWrapper>,
);
window.client = Session;
