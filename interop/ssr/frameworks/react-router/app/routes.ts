import { type RouteConfig, route } from "@react-router/dev/routes";

export default [
  route("login", "routes/login.tsx"),
  route("account", "routes/account.tsx"),
  route("staff", "routes/staff.tsx"),
  route("auth/session/refresh/hop", "routes/hop.ts"),
] satisfies RouteConfig;
