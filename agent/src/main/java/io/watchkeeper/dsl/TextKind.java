package io.watchkeeper.dsl;

/** What a text in a runbook may have to be. */
enum TextKind {
    /** The name of a runbook: part of URLs and metrics. */
    RUNBOOK_NAME("a name"),
    /** Any text that is not blank. */
    NAME("a name"),
    /** The name of a configured database. */
    DATABASE("a database's name"),
    /** One table, written as in psql: {@code public.documents}, {@code '"Odd Schema"."T 1"'}. */
    TABLE("a table's name"),
    /** A table or a pattern of tables: {@code public.*}. */
    TABLE_PATTERN("a table's name or pattern"),
    /** An SQL statement. */
    SQL("a statement"),
    /** A Quartz cron expression. */
    CRON("a cron expression"),
    /** A time zone's name. */
    ZONE("a time zone's name"),
    /** A time of day, {@code 08:00}. */
    TIME("a time like '08:00'"),
    /** An absolute path. */
    PATH("a path"),
    /** An http or https address. */
    URL("an address");

    private final String words;

    TextKind(String words) {
        this.words = words;
    }

    /** What a word wants that takes such a text. */
    String words() {
        return words;
    }
}
