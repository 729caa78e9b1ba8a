import { index, type RouteConfig, route } from "@react-router/dev/routes";

export default [
  index("routes/home.tsx"),
  route("login", "routes/login.tsx"),
  route("account", "routes/account.tsx"),
  route("staff", "routes/staff.tsx"),
  route("api/note", "routes/note.ts"),
  route("auth/session/refresh/hop", "routes/hop.ts"),
  route("auth/*", "routes/pass-on.ts", { id: "auth" }),
  route("sign-in", "routes/pass-on.ts", { id: "sign-in" }),
] satisfies RouteConfig;
