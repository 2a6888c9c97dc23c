"""What a Chinese clause wants of somebody in front of a screen. The Chinese words of `screen`. Pure."""

from __future__ import annotations

import re
from typing import Literal

from prefect_nemovideo.api.vocabulary import EDITING
from prefect_nemovideo.api.wording import MASK

_Q = f"{MASK}+"
_I = re.IGNORECASE

# Nothing is given back of what was read: "可以" is 可 and 以 as well, and a row of them could be read in every way.
_LEAD = (
    r"(?:请|您|你|可以|可|现在|然后|接着|再|直接|只需|需要|也|就|先|最后|并|或者?|同时|如需|麻烦|能|以|已经?可以?|"
    r"随时)*+"
)
_LABEL = (
    r"(?:导出|下载|预览|播放|保存|分享|撤销|重做|分割|应用|生成|渲染|上传|导入|设置|完成|确定|确认|下一步|"
    r"账户|账单|升级)"
)
_PLACE = r"(?:右上角|左上角|右下角|左下角|右侧|左侧|上方|下方|顶部|底部|这里|此处)"
_VERB = r"(?:点击|单击|双击|点按|轻点|点选|按下|选择)"
_CLICK = re.compile(
    rf"{_LEAD}{_VERB}(?:{_Q}|{_LABEL}(?!音效|声|后|时|完)|[^，。]*?(?:按钮|图标|选项卡?|菜单|{_PLACE}))"
    rf"|{_LEAD}按(?:一下|住)?(?:{_Q}|{_LABEL})(?:键|按钮|图标|即可|$)|{_LEAD}{_VERB}[^，。]{{1,20}}?(?:>|→|›|»)"
)
_NAMED = re.compile(rf"{_LEAD}{_VERB}(?P<label>[^，。.！!\s已了]{{1,6}}?)(?:即可)?[。.！!\s]*$")
_OPEN = re.compile(
    rf"{_LEAD}(?:打开|进入|前往|切换到|展开)(?:{_Q}|[^，。]*?(?:面板|菜单|设置|侧边栏|素材库|媒体库|窗口|页面|选项卡|"
    r"标签页|时间线|时间轴|编辑器|工作区|>|→|›|»))"
)
_DRAG = re.compile(rf"{_LEAD}(?:(?:将|把)[^，。]*?)?(?:拖拽|拖动|拖放|拖到|拖入|拖至|拖进)(?![赛了])")
_PREVIEW = re.compile(
    rf"{_LEAD}(?:在|到|从)(?:时间线|时间轴|播放器|预览窗口)(?:上|中|里|内)?[^，。]*?(?:预览|查看|观看)"
    rf"|{_LEAD}预览[^，。]*?时间[线轴]|{_LEAD}(?:查看|看看)时间[线轴]"
)
_EXPORT = re.compile(
    rf"{_LEAD}(?:使用|用|通过)?[^，。已]{{0,6}}?"
    rf"导出(?:按钮|键|您的|你的|最终|成品|视频|影片|文件|项目|了|为|成|来|保存|下载|分享|4K|MP4|{_Q}|[\s即可吧！!。.])*$"
    rf"|(?:{_Q}|导出|下载)(?:按钮|键|图标)(?:就)?(?:位于|在)[^，。]{{0,8}}?(?:{_PLACE}|角|工具栏|菜单|界面|页面|面板|屏幕)",
    _I,
)
_ACCOUNT = re.compile(
    rf"{_LEAD}(?:查看|检查|前往|打开|进入|登录|确认|去)[^，。]*?(?:账户|账号|帐户|账单|余额|积分|充值|订阅)"
)

# What is told not to be done, what can't be, and what the editor says of itself: no instruction, whatever verb follows.
_CONTENT = re.compile(
    r"(?:请|您|你|先|现在|目前|暂时|还|也|但是?|视频|影片)*+"
    r"(?:不要|勿|别|不能|无法|不可以?|不必|不用|无需|未|没有?|稍后|正在|将为|将会|会|我|系统|为您|为你|已(?!经?可))"
)
# "If you like it", without a comma behind it.
_IN_CASE = re.compile(
    r"[^，。]{0,12}?(?:的话|之后|以后|后|时)(?=请|您|你|可以|就|再|点击|单击|点按|按|打开|预览|使用|导出|拖)"
)

Wanted = Literal["credits", "drag", "summary", "button", "export", "state"]


def wanted_in_chinese(masked: str) -> tuple[Wanted, str] | None:
    """What a clause asks for, with what is written on a button that is only named; None when it asks for nothing."""
    if _CONTENT.match(masked):
        return None
    found = _wanted(masked)
    if found is None and (case := _IN_CASE.match(masked)):
        rest = masked[case.end() :]
        found = None if _CONTENT.match(rest) else _wanted(rest)
    return found


def _wanted(masked: str) -> tuple[Wanted, str] | None:
    kinds: tuple[tuple[Wanted, re.Pattern[str]], ...] = (
        ("credits", _ACCOUNT),
        ("drag", _DRAG),
        ("summary", _PREVIEW),
        ("button", _CLICK),
        ("export", _EXPORT),
        ("state", _OPEN),
    )
    for kind, pattern in kinds:
        if pattern.match(masked):
            return kind, ""
    named = _NAMED.match(masked)
    # A button is named by what it does: "点击裁剪", not "点击音效".
    return ("button", named["label"]) if named and EDITING.search(named["label"]) else None


TELLS_IN_CHINESE = re.compile(
    r"(?!\s*(?:来|以便?|就|便|从而|并|即可)?(?:查看|保存|下载|导出|预览|播放|分享|确认|等待|完成|查收))"
    rf"(?=.*[\u4e00-\u9fff])(?!.*(?:即可|就可以|就能|便可|{_PLACE}))"
)
"""How a clause is made that tells something behind an instruction, and neither where a button is nor what it is for."""
