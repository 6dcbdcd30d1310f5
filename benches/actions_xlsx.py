"""The cells and features of src/exchange/output/xlsx.rs written by XlsxWriter; times to the standard output."""

import datetime
import io
import json
import sys
import time

import xlsxwriter

COLUMNS = [
    ("Person", 20), ("NHS number", 13), ("Born", 12), ("Action", 34), ("Owner", 15), ("Role", 13), ("Organisation", 15),
    ("Raised", 12), ("Due", 12), ("Overdue on 26-Nov-2026", 12), ("State", 10), ("Since", 12), ("Reason", 13),
    ("Note", 30), ("Carried", 8), ("Id", 21),
]
RULE = '=AND(ISNUMBER($I2),$I2<TODAY(),OR($K2="open",$K2="accepted"))'
RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


def day(iso):
    return iso and datetime.date.fromisoformat(iso)


def cells(a):
    number, days = a["nhs_number"], a["overdue_days"]
    return [
        a["person"] or "The team", number and f"{number[:3]} {number[3:6]} {number[6:]}", day(a["born"]), a["action"],
        a["owner"], a["role"], a["organisation"], day(a["raised_on"]), day(a["due"]),
        days and f"OVERDUE {days} day{'' if days == 1 else 's'}", a["state"], day(a["state_on"]), a["reason"], a["note"],
        a["carried"], a["id"],
    ]


def workbook(log, by):
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"title": f"{log['team']} – Actions", "created": datetime.datetime(1980, 1, 1)})
    line = {"valign": "top", "border": 1, "border_color": "#BFBFBF"}
    text = book.add_format({**line, "text_wrap": True})
    guarded = book.add_format({**line, "text_wrap": True, "quote_prefix": True})
    head = book.add_format({**line, "text_wrap": True, "bold": True, "bg_color": "#DCE6F1"})
    date = book.add_format({**line, "num_format": "dd-mmm-yyyy", "align": "left"})
    count = book.add_format({**line, "num_format": "0"})
    alarm = book.add_format({"bold": True, "font_color": "#9C0006", "bg_color": "#FFC7CE"})

    def page(sheet):
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(0.3, 0.3, 0.75, 0.75)
        sheet.set_header(f"&L{log['team']}&CDEMO – invented people&RActions – made on Thu 26-Nov-2026")
        sheet.set_footer("&LOFFICIAL-SENSITIVE – confidential information about named people&RPage &P of &N")

    def write(name, actions):
        sheet = book.add_worksheet(name)
        for column, (title, width) in enumerate(COLUMNS):
            sheet.write_string(0, column, title, head)
            sheet.set_column(column, column, width)
        for row, action in enumerate(actions, 1):
            for column, value in enumerate(cells(action)):
                if value is None:
                    sheet.write_blank(row, column, None, text)
                elif isinstance(value, datetime.date):
                    sheet.write_datetime(row, column, value, date)
                elif isinstance(value, int):
                    sheet.write_number(row, column, value, count)
                else:
                    runs = value.lstrip(" \u00a0\u3000").startswith(RUN)
                    sheet.write_string(row, column, value, guarded if runs else text)
        last = len(actions)
        sheet.autofilter(0, 0, last, 15)
        sheet.repeat_rows(0)
        sheet.freeze_panes(1, 1)
        sheet.print_area(0, 0, last, 14)
        sheet.ignore_errors({"number_stored_as_text": f"P1:P{last + 1}"})
        sheet.conditional_format(1, 8, last, 10, {"type": "formula", "criteria": RULE, "format": alarm})
        page(sheet)

    write("All actions", log["actions"])
    if by != "one":
        owners = {}
        for action in log["actions"]:
            owners.setdefault(action[by], []).append(action)
        for name in sorted(owners):
            write(name, owners[name])
    about = book.add_worksheet("About")
    page(about)
    for row, (label, words) in enumerate([("Team", log["team"]), ("Made on", log["on"])]):
        about.write_string(row, 0, label, head)
        about.write_string(row, 1, words, text)
    book.close()
    return out.getvalue()


log = json.load(sys.stdin)
took = []
for _ in range(5):
    start = time.perf_counter()
    size = len(workbook(log, sys.argv[1]))
    took.append((time.perf_counter() - start) * 1000)
print(f"    beside it, XlsxWriter {xlsxwriter.__version__:<36} median {sorted(took)[2]:>9.3f} ms   (5 runs)")
print(f"    {size} bytes")
