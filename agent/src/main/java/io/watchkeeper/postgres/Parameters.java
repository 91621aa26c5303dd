package io.watchkeeper.postgres;

import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Ratio;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Binds what runbooks and this code hand over. Nothing is ever spliced into SQL text. */
final class Parameters {

    private Parameters() {}

    static void bind(PreparedStatement statement, @Nullable Object... params) throws SQLException {
        for (int i = 0; i < params.length; i++) {
            bind(statement, i + 1, params[i]);
        }
    }

    private static void bind(PreparedStatement statement, int index, @Nullable Object value) throws SQLException {
        if (value == null) {
            statement.setNull(index, Types.NULL);
        } else if (value instanceof CharSequence || value instanceof Enum || value instanceof Character) {
            // Without a type, so that the server takes the one the place asks for: uuid, date, jsonb, integer.
            statement.setObject(index, value.toString(), Types.OTHER);
        } else if (value instanceof BigInteger whole) {
            statement.setBigDecimal(index, new BigDecimal(whole));
        } else if (value instanceof Instant instant) {
            statement.setObject(index, instant.atOffset(ZoneOffset.UTC));
        } else if (value instanceof Duration duration) {
            statement.setObject(index, duration.toString(), Types.OTHER);
        } else if (value instanceof Bytes bytes) {
            statement.setLong(index, bytes.count());
        } else if (value instanceof Ratio ratio) {
            statement.setDouble(index, ratio.share());
        } else if (value instanceof Collection<?> list) {
            bindArray(statement, index, list.toArray());
        } else if (value instanceof Object[] array) {
            bindArray(statement, index, array);
        } else if (value instanceof Map) {
            throw new SQLException("parameter " + index + " is a map; PostgreSQL has no such type: bind its JSON text");
        } else {
            statement.setObject(index, value);
        }
    }

    private static void bindArray(PreparedStatement statement, int index, @Nullable Object[] elements)
            throws SQLException {
        statement.setObject(index, arrayLiteral(elements), Types.OTHER);
    }

    /** An array literal, typed by the place it stands in, for example {@code = any(?)}. */
    private static String arrayLiteral(@Nullable Object[] elements) {
        StringBuilder literal = new StringBuilder("{");
        for (Object element : elements) {
            literal.append(literal.length() > 1 ? "," : "");
            if (element == null) {
                literal.append("NULL");
            } else if (element instanceof Object[] nested) {
                literal.append(arrayLiteral(nested));
            } else {
                String text = element.toString().replace("\\", "\\\\").replace("\"", "\\\"");
                literal.append('"').append(text).append('"');
            }
        }
        return literal.append('}').toString();
    }
}
