package io.watchkeeper.toolkit.check;

/** Sessions in the words of people. */
final class Sessions {

    private Sessions() {}

    /** Who a session is, from the columns pid, user, application, database: {@code session 4711 of app (billing) in shop}. */
    static String named(Row row) {
        String application = row.text("application");
        return "session " + row.whole("pid")
                + (row.has("user") ? " of " + row.text("user") : "")
                + (application.isEmpty() ? "" : " (" + application + ")")
                + (row.has("database") ? " in " + row.text("database") : "");
    }
}
