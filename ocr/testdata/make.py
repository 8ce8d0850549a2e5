"""Makes notice.png and notice.tsv: a page of 105 x 74 mm at 300 dpi, one bit, with its words and their
boxes (x, y, width, height in pixels, text). Needs Pillow and DejaVu Serif; run in this folder."""

from PIL import Image, ImageDraw, ImageFont

LINES = [
    ("PRIMĂRIA COMUNEI RĂȘINARI", 46),
    ("Hotărârea nr. 1234 din 12 martie 1978", 38),
    ("privind ajutorul social pentru familia", 38),
    ("Popescu Ștefan, strada Nicolae Bălcescu", 38),
    ("numărul 17, județul Sibiu", 38),
    ("Țin să vă mulțumesc și aștept răspuns", 38),
]
page = Image.new("L", (1240, 874), 255)
draw = ImageDraw.Draw(page)
rows, top = [], 110
for text, size in LINES:
    font = ImageFont.truetype("/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf", size)
    left = 120
    for word in text.split():
        draw.text((left, top), word, font=font, fill=0)
        x0, y0, x1, y1 = draw.textbbox((left, top), word, font=font)
        rows.append(f"{x0}\t{y0}\t{x1 - x0}\t{y1 - y0}\t{word}\n")
        left += draw.textlength(word + " ", font=font)
        left = round(left)
    top += size * 2 + 20
page.convert("1", dither=Image.Dither.NONE).save("notice.png", optimize=True, dpi=(300, 300))
open("notice.tsv", "w", encoding="utf8").writelines(rows)
