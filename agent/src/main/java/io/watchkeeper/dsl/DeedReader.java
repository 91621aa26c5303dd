package io.watchkeeper.dsl;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.codehaus.groovy.ast.CodeVisitorSupport;
import org.codehaus.groovy.ast.Parameter;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.DeclarationExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.ast.expr.TernaryExpression;
import org.codehaus.groovy.ast.expr.TupleExpression;
import org.codehaus.groovy.ast.expr.VariableExpression;
import org.codehaus.groovy.ast.stmt.BlockStatement;
import org.codehaus.groovy.ast.stmt.CaseStatement;
import org.codehaus.groovy.ast.stmt.CatchStatement;
import org.codehaus.groovy.ast.stmt.ExpressionStatement;
import org.codehaus.groovy.ast.stmt.ForStatement;
import org.codehaus.groovy.ast.stmt.IfStatement;
import org.codehaus.groovy.ast.stmt.Statement;
import org.codehaus.groovy.ast.stmt.SwitchStatement;
import org.codehaus.groovy.ast.stmt.WhileStatement;

/** Finds the verbs in the code of a step or a hook, in the order in which they are written. Nothing of the code runs. */
final class DeedReader extends CodeVisitorSupport {

    /** Words of a step that give a value and do nothing. */
    static final Set<String> VALUES = Set.of("param", "params", "ulid", "error");

    private static final Set<String> LOOPS =
            Set.of("each", "eachWithIndex", "collect", "findAll", "any", "every", "sum");

    private final Set<String> verbs;
    private final ValueWords values;
    private final List<Deed> deeds = new ArrayList<>();
    private final Deque<Deed.Condition> around = new ArrayDeque<>();

    private DeedReader(Set<String> verbs, ValueWords values) {
        this.verbs = verbs;
        this.values = values;
    }

    /** @param verbs the words that are verbs in this block */
    static List<Deed> in(ClosureExpression code, Set<String> verbs, ValueWords values) {
        DeedReader reader = new DeedReader(verbs, values);
        code.getCode().visit(reader);
        return reader.deeds;
    }

    @Override
    public void visitDeclarationExpression(DeclarationExpression declaration) {
        super.visitDeclarationExpression(declaration);
        if (declaration.getLeftExpression() instanceof VariableExpression variable) {
            values.declare(variable.getName(), declaration.getRightExpression());
        }
    }

    @Override
    public void visitMethodCallExpression(MethodCallExpression call) {
        String name = String.valueOf(call.getMethodAsString());
        if (call.isImplicitThis() && verbs.contains(name) && !VALUES.contains(name)) {
            ValueWords.arguments(call).forEach(argument -> argument.visit(this));
            deeds.add(new Deed(name, said(call), options(call), conditions()));
        } else if (!call.isImplicitThis()
                && call.getObjectExpression() instanceof VariableExpression object
                && verbs.contains(object.getName())
                && !VALUES.contains(object.getName())) {
            ValueWords.arguments(call).forEach(argument -> argument.visit(this));
            deeds.add(new Deed(object.getName(), said(call), Map.of(), conditions()));
        } else if (!call.isImplicitThis()
                && LOOPS.contains(name)
                && !blocks(call).isEmpty()) {
            call.getObjectExpression().visit(this);
            within(
                    Deed.Kind.EACH,
                    call.getObjectExpression(),
                    () -> call.getArguments().visit(this));
        } else {
            super.visitMethodCallExpression(call);
        }
    }

    @Override
    public void visitIfElse(IfStatement choice) {
        choice.getBooleanExpression().visit(this);
        Expression condition = choice.getBooleanExpression().getExpression();
        within(Deed.Kind.IF, condition, () -> choice.getIfBlock().visit(this));
        within(Deed.Kind.UNLESS, condition, () -> choice.getElseBlock().visit(this));
    }

    @Override
    public void visitTernaryExpression(TernaryExpression choice) {
        choice.getBooleanExpression().visit(this);
        Expression condition = choice.getBooleanExpression().getExpression();
        within(Deed.Kind.IF, condition, () -> choice.getTrueExpression().visit(this));
        within(Deed.Kind.UNLESS, condition, () -> choice.getFalseExpression().visit(this));
    }

    @Override
    public void visitForLoop(ForStatement loop) {
        loop.getCollectionExpression().visit(this);
        Parameter variable = loop.getValueVariable();
        // A classic loop, for (int i = 0; …), goes through nothing that could be named.
        if (variable != ForStatement.FOR_LOOP_DUMMY && variable != null) {
            values.declare(variable.getName(), loop.getCollectionExpression());
            loop.getLoopBlock().visit(this);
        } else {
            within(
                    Deed.Kind.EACH,
                    loop.getCollectionExpression(),
                    () -> loop.getLoopBlock().visit(this));
        }
    }

    @Override
    public void visitWhileLoop(WhileStatement loop) {
        loop.getBooleanExpression().visit(this);
        within(
                Deed.Kind.WHILE,
                loop.getBooleanExpression().getExpression(),
                () -> loop.getLoopBlock().visit(this));
    }

    @Override
    public void visitCatchStatement(CatchStatement failed) {
        around.addLast(new Deed.Condition(Deed.Kind.CATCH, ""));
        super.visitCatchStatement(failed);
        around.removeLast();
    }

    /** What stands behind a statement that may leave the block is done only where it has not. */
    @Override
    public void visitBlockStatement(BlockStatement block) {
        int before = around.size();
        for (Statement statement : block.getStatements()) {
            statement.visit(this);
            WaysOut.behind(statement).forEach(condition -> {
                if (!around.contains(condition)) {
                    around.addLast(condition);
                }
            });
        }
        while (around.size() > before) {
            around.removeLast();
        }
    }

    @Override
    public void visitSwitch(SwitchStatement choice) {
        choice.getExpression().visit(this);
        String asked = ValueWords.written(choice.getExpression());
        List<String> cases = new ArrayList<>();
        for (CaseStatement one : choice.getCaseStatements()) {
            String text = asked + " == " + ValueWords.written(one.getExpression());
            cases.add(text);
            within(new Deed.Condition(Deed.Kind.IF, text), () -> one.getCode().visit(this));
        }
        within(
                new Deed.Condition(Deed.Kind.UNLESS, String.join(" || ", cases)),
                () -> choice.getDefaultStatement().visit(this));
    }

    private void within(Deed.Kind kind, Expression condition, Runnable visit) {
        within(new Deed.Condition(kind, ValueWords.written(condition)), visit);
    }

    private void within(Deed.Condition condition, Runnable visit) {
        around.addLast(condition);
        visit.run();
        around.removeLast();
    }

    private List<Deed.Condition> conditions() {
        return List.copyOf(around);
    }

    private List<String> said(MethodCallExpression call) {
        return ValueWords.arguments(call).stream().map(values::say).toList();
    }

    private static List<ClosureExpression> blocks(MethodCallExpression call) {
        List<ClosureExpression> blocks = new ArrayList<>();
        if (call.getArguments() instanceof TupleExpression tuple) {
            for (Expression argument : tuple.getExpressions()) {
                if (argument instanceof ClosureExpression block) {
                    blocks.add(block);
                }
            }
        }
        return blocks;
    }

    private Map<String, List<String>> options(MethodCallExpression call) {
        Map<String, List<String>> found = new LinkedHashMap<>();
        blocks(call).forEach(block -> block.getCode().visit(new Options(found)));
        return found;
    }

    /** The options in a verb's block. */
    private final class Options extends CodeVisitorSupport {

        private final Map<String, List<String>> found;
        private String onlyIf = "";

        Options(Map<String, List<String>> found) {
            this.found = found;
        }

        @Override
        public void visitIfElse(IfStatement choice) {
            String before = onlyIf;
            onlyIf = values.onlyIf(choice.getBooleanExpression().getExpression());
            choice.getIfBlock().visit(this);
            choice.getElseBlock().visit(this);
            onlyIf = before;
        }

        @Override
        public void visitDeclarationExpression(DeclarationExpression declaration) {
            if (declaration.getLeftExpression() instanceof VariableExpression variable) {
                values.declare(variable.getName(), declaration.getRightExpression());
            }
        }

        @Override
        public void visitExpressionStatement(ExpressionStatement statement) {
            Expression expression = statement.getExpression();
            if (expression instanceof VariableExpression word) {
                add(word.getName(), "");
            } else if (expression instanceof MethodCallExpression call && call.isImplicitThis()) {
                add(String.valueOf(call.getMethodAsString()), values.sayAll(ValueWords.arguments(call)));
            } else {
                super.visitExpressionStatement(statement);
            }
        }

        private void add(String option, String value) {
            found.computeIfAbsent(option, o -> new ArrayList<>()).add(value + onlyIf);
        }
    }

    /** Visits a statement's code, for what stands outside of steps. */
    static void declarations(Statement code, ValueWords values) {
        code.visit(new CodeVisitorSupport() {
            @Override
            public void visitDeclarationExpression(DeclarationExpression declaration) {
                if (declaration.getLeftExpression() instanceof VariableExpression variable) {
                    values.declare(variable.getName(), declaration.getRightExpression());
                }
            }

            @Override
            public void visitClosureExpression(ClosureExpression block) {
                // Its variables are its own.
            }
        });
    }
}
