<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN">
<context>
    <name>ConnectionBadge</name>
    <message>
        <source>● Live</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>◐ Catching up</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>✕ No connection</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>✕ Stale since {time}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Window</name>
    <message>
        <source>Apricot 杏林</source>
        <translation type="unfinished"></translation>
    </message>
</context>
</TS>
