// Windows for the code of ring 3, where there are any: when they are chosen, and what they have to hear of.
using Lguest.Guest.Translator;
using Lguest.Guest.Windows;

namespace Lguest.Guest.Cpu;

public sealed unsafe partial class Processor
{
    /// <summary>Null where there are no windows.</summary>
    internal AddressSpaces? Windows { get; private set; }

    /// <summary>That of rings 0-2; null while there is none.</summary>
    internal KernelWindow? Kernel { get; private set; }

    private TranslatorSettings? _windowSettings;

    /// <summary>The epoch of the code of the current address space in ring 3.</summary>
    internal uint UserEpoch => _userCode[0].Epoch;

    /// <summary>Whether no instruction of the Guest reaches a linear address, whatever its page tables say.</summary>
    internal bool IsOutOfReach(uint linear) => linear > _c->SegmentCap || (_windowLength != 0 && linear >= _windowBase);

    private void OpenWindows(TranslatorSettings settings)
    {
        if (settings.Windows && Engine is TranslatorEngine { TakesFaults: true } && Memory.File >= 0)
        {
            Windows = new AddressSpaces(this, settings, settings.MappingBudget ?? MappingBudget.OfProcess);
            _windowSettings = settings;
        }
    }

    /// <summary>Gives the kernel its window when it has run for a while, and takes it away for good if it does not pay. Between two slices:
    /// all code is translated anew.</summary>
    private void ChooseKernelWindow()
    {
        if (_windowSettings is not { } settings)
            return;
        if (Kernel is { IsTooExpensive: true })
        {
            DropKernelWindow();
            _windowSettings = null;
        }
        else if (Kernel is null && Instructions >= (ulong)settings.WindowAfter)
        {
            Kernel = KernelWindow.TryMake(this, settings, settings.MappingBudget ?? MappingBudget.OfProcess);
            if (Kernel is null)
                _windowSettings = null;
            else
                _blocks.Clear();
            _e->KernelWindow = Kernel?.Base ?? 0;
        }
    }

    private void DropKernelWindow()
    {
        if (Kernel is null)
            return;
        _e->KernelWindow = 0;
        _blocks.Clear();
        Kernel.Dispose();
        Kernel = null;
    }

    /// <summary>The bit of the mode that stands for a window, when ring 3 is entered, left, or goes on.</summary>
    private uint WindowMode(bool user)
    {
        bool wasUser = (_e->Mode & ModeBits.User) != 0;
        if (Windows is null || (!user && !wasUser))
            return 0;
        if (user && wasUser)
            return _e->Mode & ModeBits.Window; // code may be executing that was decoded for it
        if (user)
            return Windows.Enter();
        Windows.Leave();
        return 0;
    }

    /// <summary>Chooses the window again while ring 3 does not run.</summary>
    private void ChooseWindow()
    {
        if (Windows is null || (_e->Mode & ModeBits.User) == 0)
            return;
        Windows.Leave();
        _e->Mode = (_e->Mode & ~ModeBits.Window) | Windows.Enter();
        RefreshEpoch();
    }
}
