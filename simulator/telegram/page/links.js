// Reads links to the bot itself: t.me/bot?start=payload, the way an invitation travels.

const HOSTS = ["t.me", "telegram.me"];

// The payload of such a link, "" when it only opens the chat, null for every other link.
export function startPayload(url, username) {
  if (!URL.canParse(url)) return null;
  const link = new URL(url);
  const bot = link.pathname.slice(1).toLowerCase();
  if (!HOSTS.includes(link.hostname) || bot !== username?.toLowerCase()) return null;
  return link.searchParams.get("start") ?? "";
}
