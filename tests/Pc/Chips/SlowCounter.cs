// An 8254 counter as one would build it: a counting element that is clocked. It is slow and plain, and the closed form is held against it.
namespace Lguest.Pc.Tests.Chips;

/// <summary>Written from the mode definitions of the Intel 8254 data sheet, one tick at a time.</summary>
internal sealed class SlowCounter
{
    private int _mode;
    private bool _isDecimal;
    private int _access = 3;
    private int? _low;
    private int _register;
    private bool _hasRegister;
    private bool _gate;
    private bool _gateRose;
    private bool _isFresh;  // a count was written that the element is to take at the next clock
    private bool _isNew;    // a count was written that the element has not taken yet
    private bool _runs;
    private bool _isArmed;  // the end of this count is still to be told at OUT
    private bool _isHighHalf;
    private int _element;
    private int _left;      // mode 3: ticks of this half that are left
    private int _period;    // mode 3: the count that this half came from

    public bool Out { get; private set; }

    public bool IsNull => _isNew;

    public int Shown => _isDecimal ? Digits(_element % 10_000) : _element & 0xFFFF;

    public SlowCounter(bool gate) => _gate = gate;

    private int Modulus => _isDecimal ? 10_000 : 0x1_0000;

    public void Program(int mode, int access, bool isDecimal)
    {
        (_mode, _access, _isDecimal) = (mode, access, isDecimal);
        _low = null;
        _hasRegister = _isFresh = _runs = _isArmed = _gateRose = false;
        _isNew = true;
        Out = mode != 0;
    }

    public void Write(byte value)
    {
        if (_access == 3 && _low is null)
        {
            _low = value;
            if (_mode == 0)
                (_runs, _isArmed, _isFresh, Out) = (false, false, false, false);
            return;
        }

        int raw = _access switch { 1 => value, 2 => value << 8, _ => (value << 8) | _low!.Value };
        _low = null;
        int count = _isDecimal ? (raw >> 12) * 1000 + (raw >> 8 & 15) * 100 + (raw >> 4 & 15) * 10 + (raw & 15) : raw;
        count %= Modulus;
        _register = count == 0 ? Modulus : count;
        _hasRegister = _isNew = true;
        if (_mode == 0)
            (_runs, _isArmed, Out) = (false, false, false);
        if (_mode is 0 or 4 || (_mode is 2 or 3 && !_runs))
            _isFresh = true;
    }

    public void SetGate(bool level)
    {
        if (level && !_gate)
            _gateRose = true;
        if (!level && (_mode is 2 or 3))
            (_runs, Out, _isFresh, _gateRose) = (false, true, false, false);
        _gate = level;
    }

    public void Tick()
    {
        bool strobeEnds = (_mode is 4 or 5) && !Out;
        bool triggers = _gateRose && _hasRegister && (_mode is 1 or 2 or 3 or 5);
        _gateRose = false;
        if (strobeEnds)
            Out = true;

        if (triggers || (_isFresh && (_mode is 0 or 4 || _gate)))
        {
            Take();
            _runs = _isArmed = true;
            _isHighHalf = true;
            if (_mode == 1)
                Out = false;
            if (_mode == 3)
                Out = true;
            return;
        }

        if (!_runs || (!_gate && _mode is not (1 or 5)))
            return;
        switch (_mode)
        {
            case 2:
                if (_element == 1)
                    Take();
                else
                    _element--;
                Out = _element != 1;
                break;
            case 3:
                SquareWave();
                break;
            default:
                _element = (_element == 0 ? Modulus : _element) - 1;
                if (_element == 0 && _isArmed)
                {
                    _isArmed = false;
                    Out = _mode is 0 or 1;
                }

                break;
        }
    }

    private void SquareWave()
    {
        if (--_left > 0)
        {
            _element -= 2;
            return;
        }

        // A period of 1, which the data sheet forbids, is a high half without a low one.
        bool wasHigh = _isHighHalf && _period > 1;
        int period = _register;
        Take();
        _isHighHalf = period <= 1 || !wasHigh;
        _left = _isHighHalf ? (period + 1) / 2 : period / 2;
        Out = _isHighHalf;
    }

    private void Take()
    {
        _element = _mode == 3 ? _register & ~1 : _register;
        _left = (_register + 1) / 2;
        _period = _register;
        if (_mode == 2 && _register == 1)
            Out = false;
        _isFresh = _isNew = false;
    }

    private static int Digits(int count) => (count / 1000 << 12) | (count / 100 % 10 << 8) | (count / 10 % 10 << 4) | (count % 10);
}
