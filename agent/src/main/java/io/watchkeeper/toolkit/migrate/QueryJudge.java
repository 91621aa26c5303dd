package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.toolkit.migrate.ScriptStatement.Token;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tells queries that only look from those that may do anything: they call functions whose code nobody sees here, or have another
 * statement inside. Where it cannot tell, it says the worst.
 */
final class QueryJudge {

    /** Of PostgreSQL's own functions that may give another value each time, those that take nothing away. */
    private static final Set<String> HARMLESS = Set.of(
            "setval",
            "nextval",
            "currval",
            "lastval",
            "now",
            "clock_timestamp",
            "timeofday",
            "random",
            "gen_random_uuid",
            "pg_notify",
            "pg_sleep",
            "pg_relation_size",
            "pg_table_size",
            "pg_indexes_size",
            "pg_total_relation_size",
            "pg_database_size",
            "pg_is_in_recovery",
            "pg_sequence_last_value",
            "pg_current_wal_lsn");

    /** Words of SQL that stand before a parenthesis and call nothing; no function can be called so without quotes. */
    private static final Set<String> WORDS = Set.of(
            "all",
            "and",
            "any",
            "array",
            "as",
            "between",
            "case",
            "cast",
            "coalesce",
            "distinct",
            "else",
            "except",
            "exists",
            "extract",
            "from",
            "greatest",
            "group",
            "having",
            "in",
            "intersect",
            "is",
            "join",
            "lateral",
            "least",
            "like",
            "limit",
            "not",
            "nullif",
            "offset",
            "on",
            "or",
            "returning",
            "row",
            "select",
            "some",
            "then",
            "trim",
            "union",
            "using",
            "values",
            "when",
            "where",
            "with");

    /** Words that may be functions, too, and are none behind one of these. */
    private static final Map<String, Set<String>> WORDS_BEHIND = Map.of(
            "by", Set.of("group", "order", "partition"),
            "conflict", Set.of("on"),
            "cube", Set.of("by"),
            "rollup", Set.of("by"),
            "sets", Set.of("grouping"),
            "materialized", Set.of("as", "not"),
            "filter", Set.of(")"),
            "over", Set.of(")"),
            "within", Set.of(")"),
            "group", Set.of("within"));

    private static final Set<String> WRITES =
            Set.of("into", "insert", "update", "delete", "merge", "truncate", "execute");

    /** Of the harmless ones, those that write all the same. */
    private static final Set<String> WRITERS = Set.of("setval", "nextval", "pg_notify");

    /** What a block of code writes with, or leaves its transaction with. INTO is how it takes a value there. */
    private static final Set<String> BLOCK_WRITES = Set.of(
            "insert",
            "update",
            "delete",
            "merge",
            "truncate",
            "execute",
            "call",
            "commit",
            "rollback",
            "set",
            "reset",
            "create",
            "alter",
            "drop",
            "grant",
            "revoke",
            "copy",
            "lock",
            "vacuum",
            "refresh",
            "reindex",
            "cluster",
            "notify",
            "import");

    private static final Set<String> BEGINS = Set.of("select", "with", "values", "table", "execute");

    private final Tables tables;
    private final Set<String> known = new HashSet<>();

    QueryJudge(Tables tables) {
        this.tables = tables;
    }

    /** A script makes a function of this name: what it does is not seen here. */
    void know(String function) {
        known.add(function);
    }

    /** Of something that may do anything, dropping included: two people have to agree to it. */
    static Judgement code() {
        return Judgement.of(LockLevel.NONE, null, Phase.CONTRACT)
                .alwaysAgainst(
                        "code-block",
                        "what it does, locks and rewrites cannot be told from outside",
                        "write plain statements where that is possible");
    }

    Judgement query(List<Token> tokens) {
        return onlyLooks(tokens) ? Judgement.of(LockLevel.NONE, null, Phase.EXPAND) : code();
    }

    private boolean onlyLooks(List<Token> tokens) {
        return WRITES.stream().noneMatch(word -> has(tokens, word)) && callsNothingUnknown(tokens);
    }

    /** Whether a statement that writes does something else besides. */
    boolean hidesCode(String verb, Words words) {
        return switch (verb) {
            case "insert", "update", "merge" -> {
                words.accept(verb);
                words.accept("into");
                Object unused = words.table();
                yield has(words.rest(), "delete") || !callsNothingUnknown(words.rest());
            }
            case "copy" -> {
                words.accept("copy");
                List<Token> rest = words.rest();
                boolean isQuery = !rest.isEmpty() && rest.get(0).isSign("(");
                yield has(rest, "program") || (isQuery && !onlyLooks(rest));
            }
            case "create" -> !onlyLooks(filling(words.rest()));
            default -> false;
        };
    }

    /** The query that what is created is filled with; nothing when it stays empty. */
    private static List<Token> filling(List<Token> tokens) {
        for (int i = 0; i < tokens.size(); i++) {
            if (tokens.get(i).is("as")) {
                int query = i + 1;
                while (query < tokens.size() && tokens.get(query).isSign("(")) {
                    query++;
                }
                if (query < tokens.size() && BEGINS.stream().anyMatch(tokens.get(query)::is)) {
                    return tokens.subList(query, tokens.size());
                }
            }
        }
        return List.of();
    }

    private static boolean has(List<Token> tokens, String word) {
        return tokens.stream().anyMatch(token -> token.is(word));
    }

    /** Whether a query has a part that writes. */
    boolean writes(List<Token> tokens) {
        return WRITES.stream().anyMatch(word -> has(tokens, word)) || hasLock(tokens);
    }

    /** {@code FOR UPDATE} and its kind, which a READ ONLY transaction refuses. */
    private static boolean hasLock(List<Token> tokens) {
        for (int i = 0; i + 1 < tokens.size(); i++) {
            if (tokens.get(i).is("for")
                    && (tokens.get(i + 1).is("share")
                            || tokens.get(i + 1).is("no")
                            || tokens.get(i + 1).is("key"))) {
                return true;
            }
        }
        return false;
    }

    /** Whether a statement inside of a block of code may write, or leave the block's transaction. */
    boolean writesInBlock(List<Token> tokens) {
        return BLOCK_WRITES.stream().anyMatch(word -> has(tokens, word));
    }

    /** Whether it calls a function of PostgreSQL itself that changes something, which some do outside of all transactions. */
    boolean callsWhatActs(List<Token> tokens) {
        for (int i = 0; i + 1 < tokens.size(); i++) {
            Token name = tokens.get(i);
            boolean isOfOthers =
                    i > 1 && tokens.get(i - 1).isSign(".") && !tokens.get(i - 2).is("pg_catalog");
            if (name.isName() && tokens.get(i + 1).isSign("(") && !isOfOthers && acts(name, tokens, i)) {
                return true;
            }
        }
        return false;
    }

    private boolean acts(Token name, List<Token> tokens, int at) {
        if (WRITERS.contains(name.text())) {
            return true;
        }
        return !isHarmless(tokens, at) && tables.isBuiltIn(name.text());
    }

    boolean callsNothingUnknown(List<Token> tokens) {
        for (int i = 0; i < tokens.size(); i++) {
            boolean isCall = i + 1 < tokens.size() && tokens.get(i + 1).isSign("(");
            if (tokens.get(i).isName() && isCall && !isHarmless(tokens, i)) {
                return false;
            }
            // t.f is another way to write f(t).
            boolean isAttribute = i > 0 && tokens.get(i - 1).isSign(".");
            if (tokens.get(i).isName()
                    && (isCall || isAttribute)
                    && known.contains(tokens.get(i).text())) {
                return false;
            }
        }
        return true;
    }

    private static boolean isWord(List<Token> tokens, int at) {
        Token name = tokens.get(at);
        if (WORDS.stream().anyMatch(name::is)) {
            return true;
        }
        Token before = at > 0 ? tokens.get(at - 1) : name;
        return name.kind() == ScriptStatement.Kind.WORD
                && WORDS_BEHIND.getOrDefault(name.text(), Set.of()).stream()
                        .anyMatch(word -> before.is(word) || before.isSign(word));
    }

    private boolean isHarmless(List<Token> tokens, int at) {
        Token name = tokens.get(at);
        boolean isQualified = at > 0 && tokens.get(at - 1).isSign(".");
        if (isQualified && !(at > 1 && tokens.get(at - 2).is("pg_catalog"))) {
            return false;
        }
        boolean isType =
                at > 0 && (tokens.get(at - 1).isSign("::") || tokens.get(at - 1).is("as"));
        if (isType || (!isQualified && isWord(tokens, at))) {
            return true;
        }
        // pg_dump writes it on top of what it makes; any other setting may change what the rest of the script means.
        if (name.text().equals("set_config")) {
            return at + 2 < tokens.size()
                    && tokens.get(at + 2).kind() == ScriptStatement.Kind.STRING
                    && tokens.get(at + 2).text().equals("search_path");
        }
        return HARMLESS.contains(name.text()) || tables.isBuiltInAndReadOnly(name.text());
    }
}
