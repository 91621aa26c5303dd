package io.watchkeeper.dsl;

import java.util.List;
import java.util.Set;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.ConstantExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.GStringExpression;
import org.codehaus.groovy.ast.expr.ListExpression;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.ast.expr.TupleExpression;
import org.codehaus.groovy.ast.expr.VariableExpression;

/**
 * Lets a word take several names and a block after them, {@code vacuum('ship', 'a', 'b') { … }}: Java has no method with several
 * values before a last one, so the names become the list that the word takes too.
 */
final class SeveralNames {

    private static final Set<String> AFTER_A_DATABASE =
            Set.of("vacuum", "analyze", "reindex", "bloat", "indexAdvice", "autovacuumAdvice");
    private static final Set<String> AT_ONCE = Set.of("copyTables");

    private SeveralNames() {}

    static void gather(MethodCallExpression call) {
        String word = String.valueOf(call.getMethodAsString());
        boolean afterOne = AFTER_A_DATABASE.contains(word);
        if (!call.isImplicitThis()
                || !(afterOne || AT_ONCE.contains(word))
                || !(call.getArguments() instanceof TupleExpression tuple)) {
            return;
        }
        List<Expression> arguments = tuple.getExpressions();
        int first = afterOne ? 1 : 0;
        int last = arguments.size() - 1;
        if (last - first < 2 || !(arguments.get(last) instanceof ClosureExpression)) {
            return;
        }
        List<Expression> names = arguments.subList(first, last);
        if (!names.stream().allMatch(SeveralNames::mayBeName)) {
            return;
        }
        ListExpression list = new ListExpression(List.copyOf(names));
        list.setSourcePosition(names.get(0));
        names.clear();
        arguments.add(first, list);
    }

    private static boolean mayBeName(Expression expression) {
        return expression instanceof ConstantExpression
                || expression instanceof GStringExpression
                || expression instanceof VariableExpression;
    }
}
