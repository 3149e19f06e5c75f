"""A few answers to begin with, in English and Chinese: offered to a team that has none yet.

They promise nothing that a payments brand may not keep, and never ask for a code, a password or a
whole card number.
"""

from typing import Final

from connectors.core.contract import word
from inbox.domain.answers import Canned

STARTERS: Final = (
    Canned(
        word("We are looking into it"),
        "looking",
        {
            "en": "Hello {customer}, thank you for writing. I am looking into this now and will "
            "answer you by {due} at the latest. – {agent}, {brand}",
            "zh": "{customer}，您好！感谢联系我们。我正在为您核实，最晚会在 {due} 前答复您。"
            "——{brand} {agent}",
        },
    ),
    Canned(
        word("Continue in private"),
        "private",
        {
            "en": "Hello {customer}, I would like to look at this with you. Please send us a "
            "private message, and never post account details here. We will never ask for your "
            "password or a code. – {agent}",
            "zh": "{customer}，您好！我想和您一起查看这件事。请私信我们，不要在这里公开账户信息。"
            "我们绝不会索要您的密码或验证码。——{agent}",
        },
    ),
    Canned(
        word("Payment failed or hangs: what we need"),
        "payment",
        {
            "en": "I am sorry that your payment did not go through, {customer}. So that I can find "
            "it: when did you pay, how much, and in which currency? Please do not send your whole "
            "card number or a code. – {agent}",
            "zh": "{customer}，很抱歉您的付款没有成功。为便于查找，请告诉我付款时间、金额和币种。"
            "请不要发送完整卡号或验证码。——{agent}",
        },
        "payment",
    ),
    Canned(
        word("Where a refund is"),
        "refund",
        {
            "en": "Thank you for your patience, {customer}. I am checking where your refund is. "
            "Could you tell me the date and the amount of the payment it belongs to? You will hear "
            "from me by {due}. – {agent}",
            "zh": "{customer}，感谢您的耐心等待。我正在查询您的退款进度。"
            "请告诉我对应付款的日期和金额，我会在 {due} 前给您答复。——{agent}",
        },
        "refund",
        "status",
    ),
    Canned(
        word("How a refund is asked for"),
        "refund-ask",
        {
            "en": "Hello {customer}, please ask for the refund in the app, under the payment "
            "itself. It is reviewed within 1 to 3 working days, the money goes back to the account "
            "it came from, and we tell you without your asking again. – {agent}, {brand}",
            "zh": "{customer}，您好！请在应用内该笔付款下申请退款。我们会在 1–3 个工作日内审核，"
            "款项将退回原付款账户，结果会主动通知您，无需再次询问。——{brand} {agent}",
        },
        "refund",
        "request",
    ),
    Canned(
        word("Unknown charge or login: first steps"),
        "secure",
        {
            "en": "Thank you for telling us at once, {customer}. Please change your password in "
            "the app now and sign out all other devices. I am passing this on to our security team "
            "with the number {number}. We will never ask you for a code. – {agent}",
            "zh": "{customer}，感谢您及时告知。请立即在应用内修改密码，并退出其他所有设备。"
            "我已将此事转交安全团队，编号 {number}。我们绝不会向您索要验证码。——{agent}",
        },
        "security",
    ),
    Canned(
        word("Impostor or phishing reported"),
        "impostor",
        {
            "en": "Thank you for the warning, {customer}: that is not us. Please do not answer "
            "them, open no link, and send no money. If you gave them anything, tell me what, and "
            "we will protect your account. – {agent}, {brand}",
            "zh": "{customer}，感谢提醒：那不是我们。请不要回复、不要点击链接、也不要转账。"
            "如果您已向对方提供任何信息，请告诉我，我们会保护您的账户。——{brand} {agent}",
        },
        "security",
        "impostor",
    ),
    Canned(
        word("Code does not arrive"),
        "code",
        {
            "en": "I am sorry that the code does not reach you, {customer}. Please check that the "
            "number in your profile is right and that your phone takes messages from unknown "
            "senders, then ask for a new one. If it still does not come, write here again. – "
            "{agent}",
            "zh": "{customer}，很抱歉您没有收到验证码。请确认账户中的手机号正确，"
            "且手机没有拦截陌生短信，然后重新获取。如果仍未收到，请在此回复我。——{agent}",
        },
        "account",
        "code_missing",
    ),
    Canned(
        word("Thank you for the feedback"),
        "thanks",
        {
            "en": "Thank you, {customer}: I have passed your words on to the people who build it. "
            "– {agent}, {brand}",
            "zh": "{customer}，谢谢您的反馈，我已转达给产品团队。——{brand} {agent}",
        },
        "feedback",
    ),
)
