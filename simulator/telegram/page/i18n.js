// The page's own words in English and Chinese, and the switch between the two.

const WORDS = {
  en: {
    firstStep: "Write what is broken on {customer}’s phone; then take the job on {engineer}’s.",
    firstStepOffice: "Write what is broken on {customer}’s phone, dispatch it on {office}’s, and take the job on {engineer}’s.",
    orByMail: " Or report it by mail, as {writer}.",
    firstStepPlain: "Press Start on a phone and write what is broken.",
    otherLanguage: "中文", switchLanguage: "切换到中文", people: "People", chats: "Chats",
    connecting: "Connecting…", waiting: "The simulator does not answer; trying again…", nobody: "Nobody has a phone yet.",
    bot: "bot", typing: "typing…", members: "{n} members", start: "Start", empty: "No messages here yet", today: "Today", yesterday: "Yesterday",
    emptyHint: "Press Start and say hello to the bot.", emptyGroup: "Write the first message.",
    write: "Message", caption: "Add a caption", send: "Send", attach: "Attach", save: "Save", keys: "Bot keyboard",
    attachAny: "Photo, video or file", attachFile: "File, uncompressed", attachPlace: "Location", attachContact: "My contact",
    reply: "Reply", edit: "Edit", copy: "Copy text", more: "Message menu", replying: "Reply to {name}", editing: "Edit message",
    cancel: "Cancel", ok: "OK", close: "Close", remove: "Remove {name}", you: "You", edited: "edited", toBottom: "To the newest message",
    unread: "{n} unread", forwarded: "Forwarded from {name}", location: "Location", contact: "Contact", voice: "Voice message",
    photo: "Photo", video: "Video", document: "File", audio: "Audio", sticker: "Sticker", album: "Album", message: "Message",
    play: "Play", pause: "Pause", noSound: "No sound to play", openPhoto: "Open the photo", download: "Download {name}",
    shareContact: "Share your phone number?", shareContactText: "{name} will see your name and {phone}.", share: "Share",
    noPhone: "a phone number", sharePlace: "Share a location", latitude: "Latitude", longitude: "Longitude", spoiler: "Show hidden text",
    failed: "Not done: {why}", copied: "Copied", notHere: "Not available in the simulator.", from: "{name}, {time}", log: "Messages",
    joined: "{names} joined the group", left: "{names} left the group", created: "The group was created", title: "The group is now “{title}”",
    pinned: "A message was pinned", migrated: "The group became a supergroup", unknown: "This kind of message is not shown here.",
    chosen: "Chosen files", unreachable: "the simulator did not answer",
    mail: "Mail", byMail: "{role}, by mail", inbox: "Inbox", sent: "Sent", writeMail: "Write", newMail: "New mail", back: "Back",
    mailTo: "To", subject: "Subject", mailText: "Text", mailSent: "Sent", noSubject: "(no subject)", quotedText: "Quoted text",
    noMail: "No mail yet", noMailHint: "Write what is broken, where, and how to reach you.", chooseMail: "Choose a mail to read it.",
    toName: "to {name}", withFiles: "with files", draft: "Draft",
    customer: "customer", engineer: "engineer", dispatcher: "dispatcher", stranger: "stranger", office: "office",
  },
  zh: {
    firstStep: "先在 {customer} 的手机上写下哪里坏了，再到 {engineer} 的手机上接单。",
    firstStepOffice: "先在 {customer} 的手机上写下哪里坏了，在 {office} 的手机上派单，再到 {engineer} 的手机上接单。",
    orByMail: "也可以用 {writer} 的邮箱报修。",
    firstStepPlain: "在一部手机上按“开始”，写下哪里坏了。",
    otherLanguage: "English", switchLanguage: "Switch to English", people: "人员", chats: "聊天",
    connecting: "连接中…", waiting: "模拟器没有回应，正在重试…", nobody: "还没有人有手机。",
    bot: "机器人", typing: "正在输入…", members: "{n} 位成员", start: "开始", empty: "还没有消息", today: "今天", yesterday: "昨天",
    emptyHint: "按“开始”，和机器人打个招呼。", emptyGroup: "写下第一条消息。",
    write: "消息", caption: "添加说明", send: "发送", attach: "附件", save: "保存", keys: "机器人键盘",
    attachAny: "照片、视频或文件", attachFile: "文件（不压缩）", attachPlace: "位置", attachContact: "我的联系方式",
    reply: "回复", edit: "编辑", copy: "复制文字", more: "消息菜单", replying: "回复 {name}", editing: "编辑消息",
    cancel: "取消", ok: "好", close: "关闭", remove: "移除 {name}", you: "你", edited: "已编辑", toBottom: "到最新消息",
    unread: "{n} 条未读", forwarded: "转发自 {name}", location: "位置", contact: "联系人", voice: "语音消息",
    photo: "照片", video: "视频", document: "文件", audio: "音频", sticker: "贴纸", album: "相册", message: "消息",
    play: "播放", pause: "暂停", noSound: "没有可播放的声音", openPhoto: "打开照片", download: "下载 {name}",
    shareContact: "分享你的电话号码？", shareContactText: "{name} 将看到你的名字和{phone}。", share: "分享",
    noPhone: "电话号码", sharePlace: "分享位置", latitude: "纬度", longitude: "经度", spoiler: "显示隐藏文字",
    failed: "未完成：{why}", copied: "已复制", notHere: "模拟器中没有此功能。", from: "{name}，{time}", log: "消息",
    joined: "{names} 加入了群组", left: "{names} 离开了群组", created: "群组已创建", title: "群组现名“{title}”",
    pinned: "一条消息已置顶", migrated: "群组已升级为超级群组", unknown: "这里不显示此类消息。",
    chosen: "已选文件", unreachable: "模拟器没有回应",
    mail: "邮件", byMail: "{role}，用邮件", inbox: "收件箱", sent: "已发送", writeMail: "写邮件", newMail: "新邮件", back: "返回",
    mailTo: "收件人", subject: "主题", mailText: "正文", mailSent: "已发送", noSubject: "（无主题）", quotedText: "引用的内容",
    noMail: "还没有邮件", noMailHint: "写下哪里坏了、在什么地方、怎么联系您。", chooseMail: "选择一封邮件阅读。",
    toName: "发给 {name}", withFiles: "有附件", draft: "草稿",
    customer: "客户", engineer: "工程师", dispatcher: "调度员", stranger: "陌生人", office: "办公室",
  },
};

const KEY = "callout-page-language";
const hearers = new Set();
let language = asked() ?? remembered() ?? (navigator.language?.toLowerCase().startsWith("zh") ? "zh" : "en");

// "?language=zh" in the address: the demo opens the page in the language of its phones.
function asked() {
  const wanted = new URLSearchParams(location.search).get("language");
  return wanted in WORDS ? wanted : null;
}

function remembered() {
  try {
    const kept = localStorage.getItem(KEY);
    return kept in WORDS ? kept : null;
  } catch {
    return null; // storage may be forbidden; the browser's own language will do
  }
}

export function currentLanguage() {
  return language;
}

export function locale() {
  return language === "zh" ? "zh-CN" : "en-GB";
}

export function otherLanguage() {
  return language === "zh" ? "en" : "zh";
}

export function setLanguage(next) {
  language = next;
  try {
    localStorage.setItem(KEY, next);
  } catch { /* then it is forgotten at the next visit, no harm */ }
  hearers.forEach((hear) => hear());
}

export function onLanguage(hear) {
  hearers.add(hear);
}

export function t(key, values = {}) {
  const words = WORDS[language][key] ?? WORDS.en[key] ?? key;
  return words.replace(/\{(\w+)\}/g, (whole, slot) => values[slot] ?? whole);
}

// The label above a phone is free text; the ones of our own cast are known in both languages.
export function role(hint) {
  const key = (hint ?? "").toLowerCase();
  return ["customer", "engineer", "dispatcher", "stranger", "office"].includes(key) ? t(key) : (hint ?? "");
}

// Writes the words of every element below `root` that names them: data-t, data-t-label, data-t-placeholder.
export function translate(root) {
  const each = (attribute, write) => {
    for (const node of root.querySelectorAll(`[${attribute}]`)) write(node, t(node.getAttribute(attribute)));
  };
  each("data-t", (node, words) => { node.textContent = words; });
  each("data-t-label", (node, words) => { node.setAttribute("aria-label", words); if (node.matches("button")) node.title = words; });
  each("data-t-placeholder", (node, words) => { node.placeholder = words; });
}
