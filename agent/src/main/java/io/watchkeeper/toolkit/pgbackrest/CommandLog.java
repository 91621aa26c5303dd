package io.watchkeeper.toolkit.pgbackrest;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What one run of pgBackRest says on its way, line by line, as {@code --log-level-stderr=detail --no-log-timestamp} writes it: a level, a
 * message, and more of the message on lines that are indented. Written by the thread that reads it, read when the program has ended.
 */
final class CommandLog implements Consumer<String> {

    private static final Pattern LINE = Pattern.compile("(?:P\\d+ +)?(DEBUG|DETAIL|INFO|WARN|ERROR|TRACE): (.*)");
    private static final Pattern CODE = Pattern.compile("\\[(\\d{3})]: (.*)", Pattern.DOTALL);

    /** A damaged repository could have a line for every file of it. */
    private static final int MOST_MESSAGES = 20_000;

    /** @param level INFO, WARN, … */
    record Message(String level, String text) {}

    private final Consumer<String> onDetail;
    private final List<Message> messages = new ArrayList<>();
    private String level = "";
    private final StringBuilder text = new StringBuilder();

    /** @param onDetail told of each file as it is worked on; these lines are not kept */
    CommandLog(Consumer<String> onDetail) {
        this.onDetail = onDetail;
    }

    @Override
    public synchronized void accept(String line) {
        Matcher m = LINE.matcher(line);
        if (!m.matches()) {
            text.append('\n').append(line.strip());
            return;
        }
        finish();
        level = m.group(1);
        text.append(m.group(2));
    }

    private void finish() {
        if (level.equals("DETAIL")) {
            onDetail.accept(text.toString());
        }
        boolean file = level.equals("DETAIL") && FileProgress.isFile(text);
        if (!level.isEmpty() && !file && messages.size() < MOST_MESSAGES) {
            messages.add(new Message(level, text.toString()));
        }
        level = "";
        text.setLength(0);
    }

    synchronized List<Message> messages() {
        finish();
        return List.copyOf(messages);
    }

    /** What it warned of, each in one line, its hints left out. */
    List<String> warnings() {
        return messages().stream()
                .filter(message -> message.level().equals("WARN"))
                .map(message -> fact(message.text()))
                .toList();
    }

    /** Why it failed, without the number. */
    Optional<String> error() {
        return messages().stream()
                .filter(message -> message.level().equals("ERROR"))
                .map(message -> {
                    Matcher m = CODE.matcher(message.text());
                    return m.matches() ? m.group(2) : message.text();
                })
                .findFirst();
    }

    /** A message's first lines as one, up to its first hint. */
    static String fact(String message) {
        int hint = message.indexOf("\nHINT:");
        String before = hint < 0 ? message : message.substring(0, hint);
        return before.replace(":\n", ": ").replace("\n", "; ").strip();
    }

    /** A message's own hints as one line; empty where it has none. */
    static String hints(String message) {
        List<String> hints = new ArrayList<>();
        for (String line : message.split("\n")) {
            if (line.startsWith("HINT: ")) {
                hints.add(line.substring("HINT: ".length()));
            }
        }
        return String.join(" ", hints);
    }
}
