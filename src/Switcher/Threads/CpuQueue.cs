// Which of a few threads runs what is ready, which of those that rest keeps an eye on the clock, and whom it pays to wake. A thread that is
// woken costs more than most of what it is woken for, so the rule is to leave alone who can be left alone.

namespace Lguest.Switcher.Threads;

/// <summary>Work and the threads for it. Not for several threads at once: its owner has the lock.</summary>
/// <typeparam name="TThread">A thread.</typeparam>
/// <typeparam name="TWork">Something to run.</typeparam>
/// <param name="most">How many threads there may be.</param>
internal sealed class CpuQueue<TThread, TWork>(int most)
    where TThread : class
    where TWork : class
{
    private readonly LinkedList<TWork> _ready = new();
    private readonly List<(TThread Thread, long Until)> _resting = [];
    private int _threads;
    private bool _isOver;

    /// <summary>What is to be done for what was added: wake a thread, or start one, or nothing.</summary>
    public readonly record struct ThreadChange(TThread? Wake, bool Start);

    /// <summary>What a thread does next: it ends, runs something, or rests until a moment, which may be never.</summary>
    public readonly record struct Turn(bool IsOver, TWork? Run, long Until);

    /// <summary>Whether something waits for its turn.</summary>
    public bool HasReady => _ready.Count > 0;

    private bool IsWatched(long due) => _resting.Exists(other => other.Until <= due);

    /// <summary>Something is ready.</summary>
    /// <param name="work">What.</param>
    /// <param name="isFree">Whether the caller is one of the threads, and asks for its next turn right after this: it needs no
    /// help.</param>
    /// <param name="goesOn">Whether it has just had a turn, and has not used up its time: it comes before what waits.</param>
    public ThreadChange Add(TWork work, bool isFree, bool goesOn = false)
    {
        _isOver = false;
        if (goesOn)
            _ready.AddFirst(work);
        else
            _ready.AddLast(work);
        return isFree ? default : Another();
    }

    /// <summary>There is a moment at which a thread is to be awake.</summary>
    /// <param name="due">When; <see cref="long.MaxValue"/> for never.</param>
    /// <param name="isFree">As for <see cref="Add"/>.</param>
    public ThreadChange Watch(long due, bool isFree)
    {
        // A thread that runs looks at the clock when it is through; one that rests too long has to be told, if none runs.
        bool isSeen = isFree || due == long.MaxValue || _resting.Count < _threads || IsWatched(due);
        return isSeen ? default : Another();
    }

    /// <summary>A thread of these asks what to do.</summary>
    /// <param name="thread">The thread.</param>
    /// <param name="alarm">The next moment at which one of them is to be awake.</param>
    public Turn Next(TThread thread, long alarm)
    {
        if (_ready.First is { } first)
        {
            _ready.RemoveFirst();
            return new Turn(false, first.Value, 0);
        }

        if (_isOver)
        {
            _threads--;
            return new Turn(true, null, 0);
        }

        long until = IsWatched(alarm) ? long.MaxValue : alarm;
        _resting.Add((thread, until));
        return new Turn(false, null, until);
    }

    /// <summary>A thread that rested has woken up.</summary>
    /// <returns>True if nobody woke it.</returns>
    public bool Wakes(TThread thread) => _resting.RemoveAll(other => other.Thread == thread) > 0;

    /// <summary>Threads end when nothing is left to run.</summary>
    /// <returns>Those that have to be woken for it.</returns>
    public IReadOnlyList<TThread> End()
    {
        _isOver = true;
        TThread[] resting = [.. _resting.Select(other => other.Thread)];
        _resting.Clear();
        return resting;
    }

    /// <summary>One more thread: one that watches nothing rather than one that does, else a new one.</summary>
    private ThreadChange Another()
    {
        if (_resting.Count > 0)
        {
            int at = Math.Max(0, _resting.FindLastIndex(other => other.Until == long.MaxValue));
            var thread = _resting[at].Thread;
            _resting.RemoveAt(at);
            return new ThreadChange(thread, false);
        }

        if (_threads == most)
            return default;
        _threads++;
        return new ThreadChange(null, true);
    }
}
