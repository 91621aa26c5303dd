package io.watchkeeper.dsl;

import io.watchkeeper.dsl.Vocabulary.BlockWords;
import io.watchkeeper.dsl.Vocabulary.Term;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.codehaus.groovy.ast.CodeVisitorSupport;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.ast.expr.TupleExpression;
import org.codehaus.groovy.ast.stmt.Statement;
import org.jspecify.annotations.Nullable;

/** Which block each closure of a file is, found out from the words alone, before any type is known. */
final class BlockMap extends CodeVisitorSupport {

    /**
     * A block where it stands.
     *
     * @param words null in a block that an unknown word opens: nothing in it can be judged
     * @param outer null for the file
     */
    record Place(
            @Nullable BlockWords words,
            @Nullable Place outer,
            @Nullable MethodCallExpression opener) {}

    private final Vocabulary language = Vocabulary.LANGUAGE;
    private final IdentityHashMap<ClosureExpression, Place> places = new IdentityHashMap<>();
    private final Set<MethodCallExpression> leftOut = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Place file = new Place(language.file(), null, null);
    private final Deque<Place> stack = new ArrayDeque<>(List.of(file));

    static BlockMap of(Statement code) {
        BlockMap map = new BlockMap();
        code.visit(map);
        return map;
    }

    /** The block that the code in the closure belongs to. */
    Place placeOf(@Nullable ClosureExpression closure) {
        Place place = closure == null ? null : places.get(closure);
        for (Place outer = place; outer != null; outer = outer.outer()) {
            if (outer.opener() != null && leftOut.contains(outer.opener())) {
                return new Place(null, outer, outer.opener());
            }
        }
        return place == null ? file : place;
    }

    /** From now on nothing in the block that the call opens is judged. */
    void leaveOut(MethodCallExpression opener) {
        leftOut.add(opener);
    }

    @Override
    public void visitMethodCallExpression(MethodCallExpression call) {
        Place here = here();
        String word = call.getMethodAsString();
        Place inside = call.isImplicitThis() && word != null ? opened(here, word, call) : here;
        call.getObjectExpression().visit(this);
        call.getMethod().visit(this);
        for (Expression argument : arguments(call)) {
            boolean block = argument instanceof ClosureExpression;
            stack.push(block ? inside : here);
            argument.visit(this);
            stack.pop();
        }
    }

    private Place opened(Place here, String word, MethodCallExpression call) {
        BlockWords words = here.words();
        if (words == null) {
            return here;
        }
        Term term = words.terms().get(word);
        if (term != null) {
            return term.opens() == null ? here : place(term, here, call);
        }
        return meant(words, word).map(t -> place(t, here, call)).orElseGet(() -> new Place(null, here, call));
    }

    private Place place(Term term, Place here, MethodCallExpression call) {
        return new Place(language.blockOf(term.opens()).orElse(null), here, call);
    }

    /** The word that a wrong word of this block stands for: one of another block, or one that is spelt nearly so. */
    Optional<Term> meant(BlockWords here, String wrong) {
        Optional<Term> elsewhere = language.having(wrong).stream()
                .findFirst()
                .flatMap(b -> Optional.ofNullable(b.terms().get(wrong)));
        return elsewhere.isPresent() ? elsewhere : language.nearest(here, wrong);
    }

    @Override
    public void visitClosureExpression(ClosureExpression closure) {
        places.put(closure, here());
        super.visitClosureExpression(closure);
    }

    private Place here() {
        Place here = stack.peek();
        return here == null ? file : here;
    }

    static List<Expression> arguments(MethodCallExpression call) {
        return call.getArguments() instanceof TupleExpression tuple
                ? tuple.getExpressions()
                : List.of(call.getArguments());
    }
}
