/**
 * Where the files of the dashboard lie: beside `src` as beside `dist`, and this file is at the top of both.
 */
export const dashboardFolder: URL = new URL("../dashboard/", import.meta.url);
