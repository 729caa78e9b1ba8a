// The session in the browser, handed from the layout to whatever is in it.
import type { SessionClient } from "hallpass";
import { createContext } from "svelte";

export const LOGIN = "/login";

export const [useClient, provideClient] = createContext<SessionClient>();
