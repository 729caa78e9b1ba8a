const express = require("express");
const supertokens = require("supertokens-node");
const { errorHandler, middleware } = require("supertokens-node/framework/express");
const Session = require("supertokens-node/recipe/session");
const { verifySession } = require("supertokens-node/recipe/session/framework/express");
const UserRoles = require("supertokens-node/recipe/userroles");

const port = process.env.PORT ?? 3001;
const here = `http://localhost:${port}`;

supertokens.init({
  framework: "express",
  supertokens: { connectionURI: process.env.SESSION_SERVER ?? "http://localhost:3567" },
  appInfo: { appName: "shop", apiDomain: here, websiteDomain: here },
  recipeList: [Session.init(), UserRoles.init()],
});

const app = express();
app.use(middleware()); // refresh and sign-out

app.post("/login", express.json(), async (req, res) => {
  const { user } = req.body; // check the password here
  await Session.createNewSession(req, res, "public", supertokens.convertToRecipeUserId(user));
  res.json({ user });
});

app.get("/me", verifySession(), (req, res) => {
  res.json({ user: req.session.getUserId() });
});

const onlyEditors = verifySession({
  overrideGlobalClaimValidators: (others) => [...others, UserRoles.UserRoleClaim.validators.includes("editor")],
});

app.get("/drafts", onlyEditors, (req, res) => {
  res.json({ drafts: [] });
});

app.post("/become-editor", verifySession(), async (req, res) => {
  await UserRoles.createNewRoleOrAddPermissions("editor", ["write"]);
  await UserRoles.addRoleToUser("public", req.session.getUserId(), "editor");
  await req.session.fetchAndSetClaim(UserRoles.UserRoleClaim); // this session learns of it now, others when they refresh it
  res.json({});
});

app.post("/leave-everywhere", verifySession(), async (req, res) => {
  await Session.revokeAllSessionsForUser(req.session.getUserId());
  await req.session.revokeSession(); // takes the tokens away from this client, too
  res.json({});
});

app.use(errorHandler()); // answers 401 and 403
app.listen(port, "127.0.0.1", () => console.log(`listening at ${here}`));
