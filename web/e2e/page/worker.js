import { serve } from "./remote.js";

addEventListener("message", serve);
