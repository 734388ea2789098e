// The look of every printed form: A4, one ink, hairlines, figures that stand under each other. Words beginning with $
// are filled by Form.
#pragma once

#include <string_view>

namespace chassis::print {

inline constexpr std::string_view kPageStyle = R"(
@page {
  size: A4;
  margin: 22mm 15mm 20mm;
  @top-left { content: $head_left; vertical-align: bottom; padding-bottom: 4mm; font-size: 8pt; color: #5d6570; }
  @top-right { content: $head_right; vertical-align: bottom; padding-bottom: 4mm; font-size: 8pt; color: #5d6570; }
  @bottom-left { content: $foot_left; vertical-align: top; padding-top: 5mm; font-size: 7pt; color: #5d6570; }
  @bottom-center { content: $foot_centre; vertical-align: top; padding-top: 5mm; font-size: 7pt; color: #5d6570; }
  @bottom-right { content: $foot_right; vertical-align: top; padding-top: 5mm; font-size: 7pt; color: #5d6570; }
}
@page :first {
  margin-top: 15mm;
  @top-left { content: none; }
  @top-right { content: none; }
}
html, @page {
  font-family: "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei",
    "WenQuanYi Micro Hei", sans-serif;
}
html { font-size: 9pt; line-height: 1.45; color: #15181c; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
body, h1, h2, p, dl, dt, dd { margin: 0; padding: 0; font-weight: normal; }
small { display: block; font-size: 7.5pt; line-height: 1.35; color: #5d6570; }
header { display: grid; grid-template-columns: 1fr auto 1fr; align-items: end; column-gap: 6mm; padding-bottom: 3.5mm;
  border-bottom: 1.2pt solid #15181c; margin-bottom: 5mm; }
header .store { font-size: 9.5pt; font-weight: bold; }
header .store small { font-weight: normal; letter-spacing: .04em; }
h1 { font-size: 17pt; line-height: 1.15; letter-spacing: .12em; text-align: center; font-weight: bold; }
:lang(en) h1 { letter-spacing: .01em; }
h1 .mark { display: block; margin: 1mm auto 0; font-size: 8.5pt; letter-spacing: .06em; font-weight: normal; color: #a2331f; }
header .identity { text-align: right; font-size: 9.5pt; font-variant-numeric: tabular-nums; }
dl { display: grid; grid-template-columns: repeat(3, 1fr); gap: 2.6mm 7mm; margin-bottom: 5.5mm; }
dl > div { break-inside: avoid; }
dt { font-size: 7.5pt; line-height: 1.3; color: #5d6570; }
dd { overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
table { width: 100%; border-collapse: collapse; margin-bottom: 5mm; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th { font-size: 7.5pt; line-height: 1.3; font-weight: normal; color: #5d6570; text-align: left; vertical-align: bottom;
  padding: 1.6mm 1.6mm 1.4mm; background: #f2f4f6; border-bottom: .6pt solid #8d96a3; }
td { padding: 1.25mm 1.6mm; vertical-align: top; border-bottom: .35pt solid #cdd3da; overflow-wrap: anywhere;
  unicode-bidi: isolate; }
td small { margin-top: .2mm; }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; }
td.number, td.word, .total td { overflow-wrap: normal; white-space: nowrap; }
td.blank { border: .35pt solid #8d96a3; height: 8mm; }
td.blank:last-child { border-right: none; }
tr.total { break-before: avoid; }
tr.total td { border-bottom: none; padding-bottom: .4mm; }
tr:not(.total) + tr.total td { border-top: .8pt solid #15181c; }
tr.total + tr.total td { padding-top: .4mm; }
tr.total:last-child td { font-weight: bold; }
.note { margin-bottom: 4.5mm; break-inside: avoid; }
.note h2, .signatures h2 { font-size: 7.5pt; line-height: 1.3; color: #5d6570; }
.note p { white-space: pre-line; overflow-wrap: anywhere; }
.signatures { display: grid; grid-template-columns: repeat(3, 1fr); gap: 6mm 9mm; margin-top: 9mm; break-inside: avoid;
  break-before: avoid; }
.signatures > div { break-inside: avoid; }
.signatures .line { min-height: 11mm; display: flex; align-items: flex-end; padding-bottom: 1mm; margin-bottom: 1mm;
  border-bottom: .6pt solid #15181c; font-size: 11pt; }
@media screen {
  html { background: #e7eaee; }
  main { box-sizing: border-box; width: 210mm; min-height: 297mm; margin: 8mm auto; padding: 15mm; background: #fff;
    box-shadow: 0 1px 6px rgba(0, 0, 0, .18); }
}
)";

}  // namespace chassis::print
