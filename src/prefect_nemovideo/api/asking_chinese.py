"""What a Chinese clause asks for, or one in both languages: the words of exports, uploads, credits, the state. Pure."""

from __future__ import annotations

import re

from prefect_nemovideo.api.asking_english import Asked
from prefect_nemovideo.api.wording import is_made_of

_I = re.IGNORECASE


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_MANNERS = _set(
    "请 请问 帮我 帮忙 麻烦 麻烦你 可以 能不能 能 现在 马上 立刻 立即 开始 确认 重新 继续 需要 您 一次 一份 直接 好 "
    "好了 好的 那 那就 那么 我要 我想 我想要 我 你 给我 给 一下 吧 呢 吗 了 啊 谢谢 把 将 的 就 去 来 再 先 快"
)
_COURTESY = _MANNERS | _set("多谢 感谢 辛苦 等 等等 稍 稍等 还 没 没有 不 先 暂时")
_IN_AN_EXPORT = _MANNERS | _set(
    "这个 这段 这条 它 最终 最终版 最后 成品 成片 编辑好 剪好 做好 视频 影片 片子 短片 电影 文件 结果 项目 版本 全部 "
    "链接 到本地 本地 电脑 手机 为 成 以 用 格式 画质 分辨率 质量 最高 高 高清 超清 原 4k 8k 2k 1080p 720p 2160p mp4 "
    "mov webm mkv . : ： 导出 下载 输出 保存 渲染 发 发送 发给我 发我 传给我"
)
_EXPORT_VERB = re.compile(
    r"导出|下载|输出(?=.*(?:视频|影片|片|文件|成品|4k|mp4)|$)"
    r"|(?:视频|影片|片子?|成品|文件).*(?:发|传)给?我|(?:发|传)给我.*(?:视频|影片|片|成品|文件)",
    _I,
)
# After "as" or "to", and a space or none: the name of the file that is to come.
_NAME = re.compile(r"(?:(?<=[为成到至出载存])|(?<=\s))[^\s，。]*[^\s，。.]\.[a-z][a-z0-9]{1,3}(?![a-z0-9])", _I)
_IN_AN_UPLOAD = _MANNERS | _set("上传 导入 一个 这个 新 视频 素材 文件 图片 音乐 照片 片段")
_CREDITS = re.compile(r"积分|余额|点数|额度|(?:花|扣|消耗)(?:掉|费)?了?多少")
_IN_CREDITS = _MANNERS | _set(
    "积分 余额 点数 额度 还 有 剩 剩余 剩下 多少 几 几个 查 查询 查看 看 看看 显示 告诉 账户 账号 帐户 目前 当前 是 "
    "里 中 够不够 够 不够 用 知道 下 花 花费 花掉 扣 扣掉 消耗 这次 刚才 刚刚 一共 总共 个"
)
_CREDITS_VERB = re.compile(r"查|看|显示|多少|几|告诉|够")
_STATE = re.compile(r"状态|进度|轨道|时间[线轴]|草稿")
_IN_STATE = _MANNERS | _set(
    "状态 进度 轨道 时间线 时间轴 草稿 查 查询 查看 看 看看 显示 列出 展示 所有 全部 当前 目前 项目 会话 编辑 视频 是 "
    "什么 怎么样 如何 怎样 有 有哪些 哪些 几条 多少 多少条 上 里 情况 到哪 哪 导出 下 一个 个 展开 样子 更新"
)
_STATE_VERB = re.compile(r"查|看|显示|列出|展示|什么|怎|如何|哪|几|多少")
_IS_IT_DONE = re.compile(
    r"(?:请问|现在|目前|视频|影片|项目|导出|下载|渲染|编辑|剪辑|生成|制作|处理|都|已经|是否|是不是)*"
    r"(?:(?:导出|下载|渲染|编辑|剪辑|生成|制作|处理|弄|做|剪)?(?:(?:完成|完毕|成功|结束|完)了?|好了|好(?=没)))(?:没有?|吗|么)"
)

_ENGLISH_WORD = re.compile(r"[a-z][a-z']*", _I)
_IN_CHINESE = {
    english: chinese
    for chinese, words in {
        "导出": "export exporting",
        "下载": "download",
        "渲染": "render",
        "保存": "save",
        "发给我": "send",
        "上传": "upload import",
        "视频": "video movie film clip",
        "文件": "file",
        "成品": "result",
        "积分": "credits credit",
        "余额": "balance",
        "账户": "account",
        "状态": "status state",
        "进度": "progress",
        "轨道": "track tracks",
        "时间线": "timeline",
        "查看": "show check see view get display list",
        "我的": "my our",
        "我": "me i",
        "请": "please pls the a an now ok",
    }.items()
    for english in words.split()
}
"""The words of the tables, in a clause that is Chinese otherwise: "export 视频", "查看 credits"."""


def asked_in_chinese(bare: str) -> Asked | None:
    """What one clause asks for, when all its words belong to the asking; else None.

    Example:
        >>> asked_in_chinese("我还有多少积分"), asked_in_chinese("export 视频"), asked_in_chinese("给片尾加上积分字幕")
        (('credits', True), ('export', True), None)
    """
    said = _ENGLISH_WORD.sub(lambda word: _IN_CHINESE.get(word[0].casefold(), word[0]), _NAME.sub("", bare))
    said = "".join(said.casefold().split())
    if _IS_IT_DONE.fullmatch(said):
        return "state", True
    if _EXPORT_VERB.search(said) and is_made_of(said, _IN_AN_EXPORT):
        return "export", True
    if re.search(r"上传|导入", said) and is_made_of(said, _IN_AN_UPLOAD):
        return "upload", True
    if _CREDITS.search(said) and is_made_of(said, _IN_CREDITS):
        return "credits", bool(_CREDITS_VERB.search(said))
    if _STATE.search(said) and is_made_of(said, _IN_STATE):
        return "state", bool(_STATE_VERB.search(said))
    return None


def is_manners_in_chinese(bare: str) -> bool:
    """Whether a clause is nothing but manners: "好的", "请等一下"."""
    return is_made_of("".join(bare.split()), _COURTESY)
