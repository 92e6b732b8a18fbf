/** Where pages of New API's consoles are here, so that bookmarks and links in documents go on working. */
const OLD: Record<string, string> = {
  "/console": "/overview",
  "/dashboard": "/overview",
  "/console/token": "/keys",
  "/console/log": "/requests",
  "/usage-logs/common": "/requests",
  "/console/playground": "/playground",
  "/console/channel": "/channels",
  "/console/models": "/models",
  "/models/metadata": "/models",
  "/console/user": "/users",
  "/console/setting": "/settings",
  "/system-settings": "/settings",
  "/console/personal": "/profile",
  "/login": "/sign-in",
  "/register": "/sign-in",
}

/** The present path of an old one, or nothing. */
export function present(path: string): string | undefined {
  const bare = path.replace(/\/+$/, "")
  const parent = bare.startsWith("/dashboard/") ? "/dashboard" : bare.startsWith("/system-settings/") ? "/system-settings" : bare
  return OLD[bare] ?? OLD[parent]
}
