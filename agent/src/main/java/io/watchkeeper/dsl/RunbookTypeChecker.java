package io.watchkeeper.dsl;

import io.watchkeeper.dsl.BlockMap.Place;
import io.watchkeeper.dsl.Vocabulary.Term;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.codehaus.groovy.ast.ClassHelper;
import org.codehaus.groovy.ast.ClassNode;
import org.codehaus.groovy.ast.MethodNode;
import org.codehaus.groovy.ast.expr.ArgumentListExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.MethodCall;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.ast.expr.PropertyExpression;
import org.codehaus.groovy.ast.expr.VariableExpression;
import org.codehaus.groovy.ast.stmt.ReturnStatement;
import org.codehaus.groovy.control.messages.SimpleMessage;
import org.codehaus.groovy.transform.stc.AbstractTypeCheckingExtension;
import org.codehaus.groovy.transform.stc.StaticTypeCheckingSupport;
import org.codehaus.groovy.transform.stc.StaticTypeCheckingVisitor;
import org.jspecify.annotations.Nullable;

/**
 * Turns what the static compiler does not understand into problems in the language's own words, and refuses what is not part
 * of the language. Groovy makes one for each file, by this class's name.
 */
public final class RunbookTypeChecker extends AbstractTypeCheckingExtension {

    /** The name of the type of everything that was wrong already; Groovy's messages may mention it. */
    static final String WRONG = "wrongAlready";

    private static final int PUBLIC = 1;

    /** The type of everything that was wrong already: what is done with it is not judged again. */
    private final ClassNode wrong = new ClassNode(WRONG, PUBLIC, ClassHelper.OBJECT_TYPE);

    private @Nullable CompileRequest request;
    private @Nullable BlockMap blocks;
    private @Nullable WrongWords words;
    private @Nullable WrongMembers members;

    public RunbookTypeChecker(StaticTypeCheckingVisitor visitor) {
        super(visitor);
    }

    @Override
    public boolean beforeVisitClass(ClassNode script) {
        MethodNode run = script.getMethod("run", org.codehaus.groovy.ast.Parameter.EMPTY_ARRAY);
        if (run != null) {
            request = CompileRequest.of(script.getModule());
            blocks = BlockMap.of(run.getCode());
            words = new WrongWords(request, blocks);
            members = new WrongMembers(request);
            run.getCode().visit(new BareWords(blocks, words));
        }
        return false;
    }

    @Override
    public List<MethodNode> handleMissingMethod(
            ClassNode receiver, String name, ArgumentListExpression arguments, ClassNode[] types, MethodCall call) {
        if (words == null || members == null || blocks == null) {
            return List.of();
        }
        boolean known = isWrong(receiver) || Arrays.stream(types).anyMatch(this::isWrong) || isInsideWrong();
        if (call instanceof MethodCallExpression operator && operator.getLineNumber() <= 0) {
            return operator(receiver, name, types, operator, known);
        }
        if (call instanceof MethodCallExpression word && word.isImplicitThis()) {
            Place here = here();
            if (!known) {
                words.missingWord(here, word, name, types);
            }
            Optional<MethodNode> meant = meantMethod(here, name, types);
            if (meant.isEmpty()) {
                blocks.leaveOut(word);
            }
            return meant.map(List::of).orElseGet(this::nothing);
        }
        if (!known && name != null) {
            members.missingMember(receiver, name, types, call);
        }
        return nothing();
    }

    /** An operator that the type on its left does not have; the compiler makes a call without a place of it. */
    private List<MethodNode> operator(
            ClassNode receiver, String name, ClassNode[] types, MethodCallExpression call, boolean known) {
        if (name.equals("compareTo") && receiver.equals(ClassHelper.OBJECT_TYPE)) {
            // What a query returns has no type until it runs; comparing it works for whatever can be compared.
            return ClassHelper.make(Comparable.class).getMethods("compareTo");
        }
        if (!known && members != null) {
            members.missingOperator(receiver, name, types, call.getObjectExpression());
        }
        return nothing();
    }

    /** The method of the word that was meant, so that what stands inside a misspelt block is checked too. */
    private Optional<MethodNode> meantMethod(Place here, String name, ClassNode[] types) {
        if (here.words() == null || blocks == null) {
            return Optional.empty();
        }
        Term own = here.words().terms().get(name);
        Optional<Term> meant = own != null ? Optional.of(own) : blocks.meant(here.words(), name);
        return meant.filter(t -> !t.property()).flatMap(term -> {
            ClassNode owner = ClassHelper.make(term.methods().get(0).getDeclaringClass());
            List<MethodNode> fitting =
                    StaticTypeCheckingSupport.chooseBestMethod(owner, owner.getMethods(term.name()), types);
            return fitting.stream().findFirst();
        });
    }

    private List<MethodNode> nothing() {
        return List.of(newMethod("wrong", wrong));
    }

    @Override
    public boolean handleUnresolvedVariableExpression(VariableExpression variable) {
        if (words == null) {
            return false;
        }
        words.unknownName(here(), variable, getEnclosingMethodCall(), getEnclosingBinaryExpression());
        storeType(variable, wrong);
        return true;
    }

    @Override
    public boolean handleUnresolvedProperty(PropertyExpression property) {
        if (members == null) {
            return false;
        }
        ClassNode receiver = getType(property.getObjectExpression());
        if (!isWrong(receiver)) {
            members.unknownProperty(receiver, property);
        }
        storeType(property, wrong);
        return true;
    }

    @Override
    public boolean handleIncompatibleAssignment(ClassNode left, ClassNode right, Expression assignment) {
        if (members != null && !isWrong(right) && !isWrong(left)) {
            members.wrongAssignment(left, right, assignment);
        }
        return members != null;
    }

    @Override
    public boolean handleIncompatibleReturnType(ReturnStatement statement, ClassNode type) {
        return isWrong(type);
    }

    @Override
    public List<MethodNode> handleAmbiguousMethods(List<MethodNode> candidates, Expression origin) {
        // A null fits several overloads alike; whichever is taken says itself that it needs a value.
        return candidates.subList(0, 1);
    }

    @Override
    public void afterVisitMethod(MethodNode method) {
        if (request == null || blocks == null || !method.getName().equals("run")) {
            return;
        }
        method.getCode().visit(new LiteralVisitor(request, blocks, this::getTargetMethod));
        method.getCode().visit(new SharedVariables(request, blocks));
        method.getCode().visit(new RefusedCode(request, this));
    }

    @Override
    public void finish() {
        if (request != null && !request.problems().isEmpty()) {
            // Ends the compilation after this phase: nothing is generated from a file with problems.
            context.getErrorCollector()
                    .addErrorAndContinue(new SimpleMessage(CompilerMessages.ALREADY_SAID, context.getSource()));
        }
    }

    /** True when the compiler itself has found something wrong. */
    boolean hasErrors() {
        return context.getErrorCollector().hasErrors();
    }

    private Place here() {
        BlockMap map = java.util.Objects.requireNonNull(blocks);
        return map.placeOf(
                getEnclosingClosure() == null ? null : getEnclosingClosure().getClosureExpression());
    }

    /** True in a closure that is handed to something wrong: what it gets is not known. */
    private boolean isInsideWrong() {
        return getEnclosingMethodCalls().stream()
                .anyMatch(e -> e instanceof MethodCallExpression call
                        && !call.isImplicitThis()
                        && isWrong(getType(call.getObjectExpression())));
    }

    boolean isWrong(@Nullable ClassNode type) {
        if (type == null) {
            return false;
        }
        return type.isArray()
                ? isWrong(type.getComponentType())
                : type.redirect().equals(wrong);
    }
}
