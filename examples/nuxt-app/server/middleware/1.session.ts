import { sessionHandler } from "hallpass/nuxt";

export default defineEventHandler(sessionHandler(sessions));
