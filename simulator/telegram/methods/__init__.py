"""The methods of the Bot API that the simulator knows, by name in lower case."""

from simulator.telegram.api import Handler
from simulator.telegram.methods import chats, editing, intake, media, profile, sending

NAMED: tuple[Handler, ...] = (
    *(intake.getUpdates, intake.setWebhook, intake.deleteWebhook, intake.getWebhookInfo),
    *(intake.logOut, intake.close, profile.getMe),
    *(sending.sendMessage, sending.sendLocation, sending.sendVenue, sending.sendContact),
    *(sending.sendChatAction, sending.copyMessage, sending.forwardMessage, media.sendMediaGroup),
    *(editing.editMessageText, editing.editMessageCaption, editing.editMessageReplyMarkup),
    *(editing.editMessageMedia, editing.deleteMessage, editing.deleteMessages),
    *(editing.answerCallbackQuery, editing.setMessageReaction),
    *(chats.getChat, chats.getChatMember, chats.getChatAdministrators, chats.getChatMemberCount),
    *(chats.leaveChat, chats.createForumTopic, chats.pinChatMessage, chats.unpinChatMessage, chats.getFile),
    *(profile.setMyCommands, profile.getMyCommands, profile.deleteMyCommands),
    *(profile.setChatMenuButton, profile.getChatMenuButton),
)
# As the Bot API spells them; the server itself does not mind the case.
SPELLING: dict[str, Handler] = {
    **{handler.__name__: handler for handler in NAMED},
    **media.SENDERS,
    **profile.TEXT_METHODS,
}
METHODS: dict[str, Handler] = {name.lower(): handler for name, handler in SPELLING.items()}
