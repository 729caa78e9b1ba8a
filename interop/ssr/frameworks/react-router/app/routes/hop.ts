import { refreshLoader } from "hallpass/remix";
import { config } from "../config.server";

export const loader = refreshLoader(config);
