package io.watchkeeper.dsl;

import io.watchkeeper.dsl.BlockMap.Place;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.codehaus.groovy.ast.CodeVisitorSupport;
import org.codehaus.groovy.ast.MethodNode;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.ConstantExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.GStringExpression;
import org.codehaus.groovy.ast.expr.ListExpression;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.ast.stmt.BlockStatement;
import org.codehaus.groovy.ast.stmt.ExpressionStatement;
import org.jspecify.annotations.Nullable;

/** Checks the texts that stand in the file as they are: databases, cron expressions, times and so on. */
final class LiteralVisitor extends CodeVisitorSupport {

    private final CompileRequest request;
    private final BlockMap blocks;
    private final Function<Expression, @Nullable MethodNode> target;
    private final Deque<Boolean> forOtherHosts = new ArrayDeque<>();

    LiteralVisitor(CompileRequest request, BlockMap blocks, Function<Expression, @Nullable MethodNode> target) {
        this.request = request;
        this.blocks = blocks;
        this.target = target;
    }

    @Override
    public void visitMethodCallExpression(MethodCallExpression call) {
        MethodNode method = target.apply(call);
        if (method != null && isOurs(method)) {
            checkArguments(method, BlockMap.arguments(call));
            checkNeeds(call);
        }
        super.visitMethodCallExpression(call);
    }

    /** A block without a word it needs is found now, not when the step runs at night. */
    private void checkNeeds(MethodCallExpression call) {
        for (Expression argument : BlockMap.arguments(call)) {
            Place place = argument instanceof ClosureExpression block ? blocks.placeOf(block) : null;
            if (place == null || place.words() == null || place.opener() != call) {
                continue;
            }
            ClosureExpression block = (ClosureExpression) argument;
            if (hasUnknownWord(block, place.words())) {
                continue; // reported at its own place, and it is likely the needed word misspelled
            }
            WordsUsed used = WordsUsed.in(block);
            for (String need : place.words().doc().needs()) {
                List<String> either = List.of(need.split("\\|"));
                if (either.stream().noneMatch(used::contains)) {
                    request.problem(
                            call,
                            "'" + call.getMethodAsString() + "' needs '" + String.join("' or '", either) + "'",
                            "add it: " + example(place, either.get(0)));
                }
            }
        }
    }

    private static boolean hasUnknownWord(ClosureExpression block, Vocabulary.BlockWords words) {
        return block.getCode() instanceof BlockStatement code
                && code.getStatements().stream()
                        .anyMatch(statement -> statement instanceof ExpressionStatement line
                                && line.getExpression() instanceof MethodCallExpression call
                                && call.isImplicitThis()
                                && call.getMethodAsString() != null
                                && !words.terms().containsKey(call.getMethodAsString()));
    }

    private static String example(Place place, String word) {
        return Objects.requireNonNull(
                        Objects.requireNonNull(place.words()).terms().get(word))
                .doc()
                .example();
    }

    private static boolean isOurs(MethodNode method) {
        return method.getDeclaringClass().isResolved()
                && Vocabulary.class
                        .getPackageName()
                        .equals(method.getDeclaringClass().getPackageName());
    }

    private void checkArguments(MethodNode node, List<Expression> arguments) {
        Optional<Method> method = javaMethod(node);
        if (method.isEmpty()) {
            return;
        }
        Parameter[] parameters = method.get().getParameters();
        for (int i = 0; i < parameters.length && i < arguments.size(); i++) {
            boolean rest = i == parameters.length - 1 && parameters[i].isVarArgs();
            for (int a = i; a < (rest ? arguments.size() : i + 1); a++) {
                refuseNull(method.get(), parameters[i], arguments.get(a));
                check(parameters[i].getAnnotation(Checked.class), arguments.get(a));
            }
        }
    }

    private void refuseNull(Method word, Parameter parameter, Expression argument) {
        boolean isNull = argument instanceof ConstantExpression constant && constant.isNullExpression();
        boolean mayBe = parameter.getAnnotatedType().isAnnotationPresent(Nullable.class) || parameter.isVarArgs();
        if (isNull && !mayBe) {
            Word documented = word.getAnnotation(Word.class);
            boolean hasDefault = documented != null && !documented.byDefault().isEmpty();
            request.problem(
                    argument,
                    "'" + word.getName() + "' takes " + TypeWords.wanted(parameter, List.of()) + ", not null",
                    hasDefault ? "leave '" + word.getName() + "' out to mean its default." : null);
        }
    }

    private static Optional<Method> javaMethod(MethodNode node) {
        return Stream.of(node.getDeclaringClass().getTypeClass().getMethods())
                .filter(m -> m.getName().equals(node.getName()) && sameParameters(m, node))
                .findFirst();
    }

    private static boolean sameParameters(Method method, MethodNode node) {
        if (method.getParameterCount() != node.getParameters().length) {
            return false;
        }
        for (int i = 0; i < method.getParameterCount(); i++) {
            if (!method.getParameterTypes()[i]
                    .getName()
                    .equals(node.getParameters()[i]
                            .getType()
                            .redirect()
                            .getTypeClass()
                            .getName())) {
                return false;
            }
        }
        return true;
    }

    private void check(@Nullable Checked checked, Expression argument) {
        if (checked != null && argument instanceof ListExpression list) {
            list.getExpressions().forEach(element -> check(checked, element));
        }
        if (checked != null && checked.value() == TextKind.SQL && argument instanceof GStringExpression) {
            request.problem(
                    argument,
                    "a value must not be spliced into a statement",
                    "write ? in the statement and give the value after it: query('shore', 'select … where id = ?', id)");
        }
        if (checked != null
                && argument instanceof ConstantExpression constant
                && constant.getValue() instanceof String text) {
            if (checked.value() == TextKind.DATABASE && forOtherHosts.contains(true)) {
                return;
            }
            request.texts()
                    .check(checked.value(), text)
                    .ifPresent(finding -> request.problem(argument, finding.message(), finding.hint()));
        }
    }

    @Override
    public void visitClosureExpression(ClosureExpression closure) {
        forOtherHosts.push(isForOtherHosts(closure));
        super.visitClosureExpression(closure);
        forOtherHosts.pop();
    }

    /** A runbook for hosts of other roles names databases that only those hosts have. */
    private boolean isForOtherHosts(ClosureExpression closure) {
        Place place = blocks.placeOf(closure);
        if (place.words() == null || place.words().spec() != RunbookSpec.class) {
            return false;
        }
        List<String> roles = closure.getCode() instanceof BlockStatement block
                ? block.getStatements().stream()
                        .filter(ExpressionStatement.class::isInstance)
                        .map(s -> ((ExpressionStatement) s).getExpression())
                        .flatMap(LiteralVisitor::role)
                        .toList()
                : List.of();
        return !roles.isEmpty() && !roles.contains(request.role());
    }

    private static Stream<String> role(Expression expression) {
        return expression instanceof MethodCallExpression call
                        && call.isImplicitThis()
                        && "role".equals(call.getMethodAsString())
                ? BlockMap.arguments(call).stream()
                        .filter(ConstantExpression.class::isInstance)
                        .map(e -> String.valueOf(((ConstantExpression) e).getValue()))
                : Stream.empty();
    }
}
