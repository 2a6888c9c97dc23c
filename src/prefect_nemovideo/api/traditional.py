"""Traditional Chinese read as simplified, for matching only. Pure.

Not a converter: it knows the characters that this package's vocabulary uses, one for one, so that a place in the result
is the same place in the text. What is sent to the editor or shown to a person stays as it was written.
"""

from __future__ import annotations

_PAIRS = (
    "導导 匯导 載载 輸输 傳传 積积 餘余 額额 點点 數数 狀状 態态 顯显 軌轨 時时 間间 線线 軸轴 還还 請请 "
    "給给 發发 視视 頻频 畫画 質质 調调 換换 變变 級级 縮缩 銳锐 轉转 靜静 製制 設设 濾滤 鏡镜 場场 銷销 "
    "讓让 標标 題题 寫写 著着 這这 個个 條条 編编 輯辑 後后 終终 結结 項项 鏈链 電电 腦脑 機机 為为 帳账 "
    "戶户 號号 當当 裡里 裏里 夠够 麼么 樣样 幫帮 煩烦 現现 馬马 將将 來来 謝谢 嗎吗 覽览 況况 進进 訴诉 "
    "開开 確确 認认 繼继 續续 並并 說说 會会 話话 圖图 聲声 樂乐 長长 刪删 併并 減减 補补 別别 暫暂 無无 "
    "沒没 費费 幾几 擇择 麽么 妳你 祂它 牠它 儘尽 趕赶 緊紧 網网 選选 預预 隨随 僅仅 滿满 爲为 盡尽 講讲 "
    "賬账 辦办 擊击 鈕钮 單单 雙双 側侧 頁页 庫库 曳拽 動动 鍵键 驟骤 備备 註注 溫温"
)
_TABLE = {ord(pair[0]): pair[1] for pair in _PAIRS.split()}


def simplified(text: str) -> str:
    """The text with the traditional characters of the vocabulary as simplified ones, at the same length.

    匯 is read as 导 and 曳 as 拽, since 匯出 and 拖曳 are what 导出 and 拖拽 are called in Taiwan.

    Example:
        >>> simplified("請匯出影片，我還有多少積分？")
        '请导出影片，我还有多少积分？'
    """
    return text.translate(_TABLE)
