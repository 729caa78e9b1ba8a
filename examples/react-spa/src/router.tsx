// The pages, and who may see them.
import { Devices } from "hallpass/ui/react";
import { createBrowserRouter } from "react-router";
import { Protected, Root } from "./app";
import { Home, NotFound, SignIn, Staff } from "./pages";
import { isStaff, LOGIN } from "./session";

export const router = createBrowserRouter([
  {
    element: <Root />,
    children: [
      { path: LOGIN, element: <SignIn /> },
      {
        element: <Protected />,
        children: [
          { path: "/", element: <Home /> },
          { path: "/devices", element: <Devices /> },
        ],
      },
      { element: <Protected validators={[isStaff]} />, children: [{ path: "/staff", element: <Staff /> }] },
      { path: "*", element: <NotFound /> },
    ],
  },
]);
