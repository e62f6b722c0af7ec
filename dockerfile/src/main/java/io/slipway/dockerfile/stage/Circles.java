package io.slipway.dockerfile.stage;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Finds what needs itself, in time that grows with the number of needs: strongly connected components after Kosaraju, without recursion, since
 * a chain may be as long as a Dockerfile.
 */
final class Circles {

    private Circles() {}

    /**
     * @param needs what each node needs, by its number
     * @return the nodes that need themselves, directly or through others
     */
    static NavigableSet<Integer> of(List<? extends Collection<Integer>> needs) {
        List<List<Integer>> users = new ArrayList<>();
        needs.forEach(need -> users.add(new ArrayList<>()));
        for (int node = 0; node < needs.size(); node++) {
            for (int need : needs.get(node)) {
                users.get(need).add(node);
            }
        }
        NavigableSet<Integer> found = new TreeSet<>();
        boolean[] seen = new boolean[needs.size()];
        for (int root : finished(needs).reversed()) {
            List<Integer> component = new ArrayList<>();
            Deque<Integer> open = new ArrayDeque<>(List.of(root));
            while (!open.isEmpty()) {
                int node = open.pop();
                if (!seen[node]) {
                    seen[node] = true;
                    component.add(node);
                    users.get(node).forEach(open::push);
                }
            }
            if (component.size() > 1
                    || (component.size() == 1 && needs.get(root).contains(root))) {
                found.addAll(component);
            }
        }
        return found;
    }

    /** All nodes, each after those that it needs and that do not need it. */
    private static List<Integer> finished(List<? extends Collection<Integer>> needs) {
        List<Integer> finished = new ArrayList<>();
        boolean[] seen = new boolean[needs.size()];
        Deque<Integer> path = new ArrayDeque<>();
        Deque<Iterator<Integer>> rest = new ArrayDeque<>();
        for (int root = 0; root < needs.size(); root++) {
            if (seen[root]) {
                continue;
            }
            seen[root] = true;
            path.push(root);
            rest.push(needs.get(root).iterator());
            while (!path.isEmpty()) {
                Iterator<Integer> needsLeft = rest.element();
                if (!needsLeft.hasNext()) {
                    finished.add(path.pop());
                    rest.pop();
                    continue;
                }
                int next = needsLeft.next();
                if (!seen[next]) {
                    seen[next] = true;
                    path.push(next);
                    rest.push(needs.get(next).iterator());
                }
            }
        }
        return finished;
    }
}
